import { randomUUID } from 'node:crypto';
import { notFound } from '../http/errors.mts';
import { faxPdf, mp3Of, wavOf } from '../state/audio.mts';
import type { Store, Table } from '../state/store.mts';
import type { CallRecord } from '../state/types.mts';
import {
	assertEmail,
	filterByExtension,
	isInPeriod,
	parsePeriod,
	rowsOfPeriod,
} from './checks.mts';
import type { Context, Handler, Handlers } from './context.mts';
import { FileResponse } from './context.mts';
import { paginate } from './list.mts';
import { oneAtATime } from './statistics.mts';

/** The file name of a recording. */
const fileName = (record: CallRecord, format: string) => `${record.record_uuid}.${format}`;

/** Finds a row by uuid in upper or lower case: the API uses upper case, the events lower case. */
export function findByUuid<T extends object>(table: Table<T>, uuid: unknown): T | undefined {
	const text = String(uuid);
	return table.get(text) ?? table.get(text.toUpperCase()) ?? table.get(text.toLowerCase());
}

/** Finds a recording. @throws PbxError 404, with the message that real PBXs send */
export function findRecording(store: Store, uuid: unknown): CallRecord {
	const record = findByUuid(store.records, uuid);
	if (!record) throw notFound('Record not found');
	return record;
}

/** The audio file of a recording, in the format that the client has chosen. */
export function recordingFile(store: Store, record: CallRecord): FileResponse {
	if (store.client.record_format === 'wav') {
		return new FileResponse(wavOf(record.duration, 220), 'audio/x-wav', fileName(record, 'wav'));
	}
	const data = mp3Of(record.record_uuid, record.duration);
	return new FileResponse(data, 'audio/mpeg', fileName(record, 'mp3'));
}

const download: Handler = ({ store, params }) =>
	recordingFile(store, findRecording(store, params.record_uuid));

function listRecords(context: Context): object[] {
	const rows = rowsOfPeriod(context, context.store.records.list(), true);
	return paginate(context, rows).map((record) => ({
		...record,
		file_name: fileName(record, context.store.client.record_format),
		record_transfer: null,
	}));
}

async function getRecordStats(context: Context): Promise<object> {
	const { pbx, query, store } = context;
	const period = parsePeriod(context, query, pbx.deviates('limitedStatsPeriod'));
	const work = () => {
		const rows = store.records.filter((record) => isInPeriod(period, record.init_time_gmt));
		const stats = {
			records_count: rows.length,
			files_size: rows.reduce((sum, record) => sum + record.record_file_size, 0),
		};
		return pbx.deviates('statsList') ? [stats] : stats;
	};
	return oneAtATime(context, work);
}

/** Recordings, voicemails and received faxes. */
export const recordings: Handlers = {
	listRecords,
	getRecordStats,
	downloadRecord: download,
	downloadRecordBasicAuth: download,
	deleteRecord({ store, params }) {
		store.records.delete(findRecording(store, params.record_uuid).record_uuid);
	},
	deleteRecords(context) {
		const period = parsePeriod(context, context.query, true);
		const rows = context.store.records.filter((record) => isInPeriod(period, record.init_time_gmt));
		for (const row of filterByExtension(context, rows))
			context.store.records.delete(row.record_uuid);
	},
	getRecordPath({ store, params }) {
		const record = findRecording(store, params.record_uuid);
		const day = record.init_time_gmt.slice(0, 10).replace(/-/g, '/');
		return { path: `/records/${day}/${fileName(record, store.client.record_format)}` };
	},
	getRecordStorageUrl({ pbx, store, params }) {
		const uuid = String(params.record_uuid);
		if (pbx.deviates('exactUuid') && uuid !== uuid.toUpperCase()) {
			throw notFound('Record not found');
		}
		const record = findRecording(store, params.record_uuid);
		return { record_url: `${pbx.url}/storage/${fileName(record, store.client.record_format)}` };
	},
	createRecordArchive(context) {
		const { store, body } = context;
		parsePeriod(context, body, false);
		assertEmail(body, 'email');
		const archive_uuid = randomUUID();
		store.orders.insert({ kind: 'record_archive', request: body, archive_uuid });
		return { extension_id: null, ...body, archive_uuid };
	},
	listVoicemails: (context) => rowsOfPeriod(context, context.store.voicemails.list(), true),
	downloadVoicemail({ store, params }) {
		const message = findByUuid(store.voicemails, params.record_uuid);
		if (!message) throw notFound();
		const data = wavOf(message.duration, 330);
		return new FileResponse(data, 'audio/x-wav', `${message.record_uuid}.wav`);
	},
	deleteVoicemail({ store, params }) {
		const message = findByUuid(store.voicemails, params.record_uuid);
		if (!message) throw notFound();
		store.voicemails.delete(message.record_uuid);
	},
	deleteVoicemails(context) {
		const period = parsePeriod(context, context.query, true);
		const rows = context.store.voicemails.filter((row) => isInPeriod(period, row.init_time_gmt));
		for (const row of filterByExtension(context, rows))
			context.store.voicemails.delete(row.record_uuid);
	},
	downloadFax({ store, params }) {
		const fax = findByUuid(store.faxes, params.fax_uuid);
		if (!fax) throw notFound();
		const data = faxPdf(['Fax', `From ${fax.caller_id}`, `To ${fax.destination}`, fax.datetime]);
		return new FileResponse(data, 'application/pdf', `${fax.uuid}.pdf`);
	},
	deleteFax({ store, params }) {
		const fax = findByUuid(store.faxes, params.fax_uuid);
		if (!fax) throw notFound();
		store.faxes.delete(fax.uuid);
	},
	deleteFaxes(context) {
		const { store, query } = context;
		// Both ends are optional. Without an end the period is open on that side.
		const period = parsePeriod(
			context,
			{ start_datetime: '1970-01-01 00:00:00', end_datetime: '9999-12-31 23:59:59', ...query },
			query.start_datetime !== undefined && query.end_datetime !== undefined,
		);
		for (const fax of store.faxes.filter((row) => isInPeriod(period, row.datetime))) {
			store.faxes.delete(fax.uuid);
		}
	},
};
