import { randomUUID } from 'node:crypto';
import { PbxError, badRequest, notFound } from '../http/errors.mts';
import { faxPdf, mp3Of, wavOf } from '../state/audio.mts';
import type { Store, Table } from '../state/store.mts';
import type { CallRecord } from '../state/types.mts';
import { ofExtensions, rangeOf, within } from './checks.mts';
import type { Ctx, Handler, Handlers } from './context.mts';
import { FileAnswer } from './context.mts';
import { paged } from './list.mts';

/** The file name the PBX gives a recording. */
const fileName = (record: CallRecord, format: string) => `${record.record_uuid}.${format}`;

/** Ids are written in upper case here and in lower case in events: both name the same recording. */
function byUuid<T extends object>(table: Table<T>, uuid: unknown): T | undefined {
	const text = String(uuid);
	return table.get(text) ?? table.get(text.toUpperCase()) ?? table.get(text.toLowerCase());
}

/** The recording of a uuid, or 404 with the text that was captured for it. */
export function recordOf(store: Store, uuid: unknown): CallRecord {
	const record = byUuid(store.records, uuid);
	if (!record) throw notFound('Record not found');
	return record;
}

/** The audio of a recording in the client's format. */
export function audioOf(store: Store, record: CallRecord): FileAnswer {
	if (store.client.record_format === 'wav') {
		return new FileAnswer(wavOf(record.duration, 220), 'audio/x-wav', fileName(record, 'wav'));
	}
	const data = mp3Of(record.record_uuid, record.duration);
	return new FileAnswer(data, 'audio/mpeg', fileName(record, 'mp3'));
}

const download: Handler = ({ store, params }) =>
	audioOf(store, recordOf(store, params.record_uuid));

function listRecords(ctx: Ctx): object[] {
	const range = rangeOf(ctx.query, true);
	const sign = ctx.query.order === 'asc' ? 1 : -1;
	const rows = ctx.store.records
		.filter((record) => within(range, record.init_time_gmt))
		.sort((a, b) => sign * a.init_time_gmt.localeCompare(b.init_time_gmt));
	return paged(ctx, rows).map((record) => ({
		...record,
		file_name: fileName(record, ctx.store.client.record_format),
		record_transfer: null,
	}));
}

/** One at a time per client: a second request while one runs is refused (captured text). */
async function stats({ pbx, store, query }: Ctx): Promise<object> {
	const range = rangeOf(query, false);
	if (pbx.statsRunning) {
		throw new PbxError(429, 'Stats request already exists, concurrent request not allowed');
	}
	pbx.statsRunning = true;
	try {
		await new Promise((resolve) => setTimeout(resolve, pbx.options.statsMs));
	} finally {
		pbx.statsRunning = false;
	}
	const rows = store.records.filter((record) => within(range, record.init_time_gmt));
	return {
		records_count: rows.length,
		files_size: rows.reduce((sum, record) => sum + record.record_file_size, 0),
	};
}

/** Recordings, voice messages and received faxes. */
export const recordings: Handlers = {
	listRecords,
	getRecordStats: stats,
	downloadRecord: download,
	downloadRecordBasicAuth: download,
	deleteRecord({ store, params }) {
		store.records.delete(recordOf(store, params.record_uuid).record_uuid);
	},
	deleteRecords(ctx) {
		const range = rangeOf(ctx.query, true);
		const rows = ctx.store.records.filter((record) => within(range, record.init_time_gmt));
		for (const row of ofExtensions(ctx, rows)) ctx.store.records.delete(row.record_uuid);
	},
	getRecordPath({ store, params }) {
		const record = recordOf(store, params.record_uuid);
		const day = record.init_time_gmt.slice(0, 10).replace(/-/g, '/');
		return { path: `/records/${day}/${fileName(record, store.client.record_format)}` };
	},
	getRecordStorageUrl({ pbx, store, params }) {
		const record = recordOf(store, params.record_uuid);
		return { record_url: `${pbx.url}/storage/${fileName(record, store.client.record_format)}` };
	},
	createRecordArchive({ store, body }) {
		rangeOf(body, false);
		if (!/^[^@\s]+@[^@\s]+$/.test(String(body.email))) {
			throw badRequest('email must be an e-mail address');
		}
		const archive_uuid = randomUUID();
		store.orders.insert({ kind: 'record_archive', request: body, archive_uuid });
		return { extension_id: null, ...body, archive_uuid };
	},
	downloadVoicemail({ store, params }) {
		const message = byUuid(store.voicemails, params.record_uuid);
		if (!message) throw notFound();
		const data = wavOf(message.duration, 330);
		return new FileAnswer(data, 'audio/x-wav', `${message.record_uuid}.wav`);
	},
	deleteVoicemail({ store, params }) {
		const message = byUuid(store.voicemails, params.record_uuid);
		if (!message) throw notFound();
		store.voicemails.delete(message.record_uuid);
	},
	deleteVoicemails(ctx) {
		const range = rangeOf(ctx.query, true);
		const rows = ctx.store.voicemails.filter((row) => within(range, row.start_time_gmt));
		for (const row of ofExtensions(ctx, rows)) ctx.store.voicemails.delete(row.record_uuid);
	},
	downloadFax({ store, params }) {
		const fax = byUuid(store.faxes, params.fax_uuid);
		if (!fax) throw notFound();
		const data = faxPdf(['Fax', `From ${fax.caller_id}`, `To ${fax.destination}`, fax.datetime]);
		return new FileAnswer(data, 'application/pdf', `${fax.uuid}.pdf`);
	},
	deleteFax({ store, params }) {
		const fax = byUuid(store.faxes, params.fax_uuid);
		if (!fax) throw notFound();
		store.faxes.delete(fax.uuid);
	},
	deleteFaxes({ store, query }) {
		// Neither end is marked as required on the page; without one there is no bound on that side.
		const range = rangeOf(
			{ start_datetime: '1970-01-01 00:00:00', end_datetime: '9999-12-31 23:59:59', ...query },
			query.start_datetime !== undefined && query.end_datetime !== undefined,
		);
		for (const fax of store.faxes.filter((row) => within(range, row.datetime))) {
			store.faxes.delete(fax.uuid);
		}
	},
};
