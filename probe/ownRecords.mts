import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Row } from './api.mts';
import { client, fieldsOf } from './api.mts';
import type { Connection, PbxRequest, PbxResponse } from './connection.mts';
import { NoResponseError, StopError } from './errors.mts';

/** A kind of record that the probe creates. None of them is used by anything until it is referred to. */
interface Kind {
	/** Path of the list, below the client. */
	list: string;
	/** Path of one record, followed by its ID. */
	item: string;
	/** Field that has the mark. */
	field: string;
	isPaged?: boolean;
}

const KINDS = {
	interval: { list: 'interval/', item: 'interval/', field: 'name' },
	'network permission': { list: 'network_permission/', item: 'network_permission/', field: 'name' },
	sound: { list: 'sound/', item: 'sound/', field: 'title', isPaged: true },
	webhook: { list: 'phone_events/', item: 'phone_event/', field: 'url' },
	agent: { list: 'agent/local/', item: 'agent/local/', field: 'name' },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as KindName[];

/** In the name of everything that the probe creates, so that a later run finds it. */
const NAME = 'n8n-nodes-ringme-probe';
/** No host can have this name (RFC 2606), so the PBX can deliver nothing there. */
const URL_PREFIX = `https://${NAME}.invalid/`;
const OWN_NAME = new RegExp(`^${NAME}-\\d{14}-[0-9a-f]{8}$`);
const OWN_URL = new RegExp(`^https://${NAME}\\.invalid/\\d{14}-[0-9a-f]{8}$`);

const MAX_PAGES = 50;
const CLEANUP_ROUNDS = 6;

/** A record that a probe created. */
export interface OwnRecord {
	kind: KindName;
	id: number;
	/** Its name, title or URL. */
	mark: string;
}

/** What is known after the cleanup. */
export interface Cleanup {
	deleted: OwnRecord[];
	/** Records that are left, or that may be left because the PBX did not respond. */
	left: string[];
}

/** Identifies a run: 14 digits of its time in UTC, a hyphen and 8 hexadecimal digits. */
const createRunId = () =>
	`${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}-${randomBytes(4).toString('hex')}`;

/**
 * Creates records and deletes them again. It keeps no journal: whatever it creates carries a mark, and
 * the PBX itself is searched for it. So nothing is forgotten when a response is lost or the process ends.
 */
export class OwnRecords {
	private readonly touched = new Set<KindName>();
	/** Whether a request that creates a record had no response: the record may appear later. */
	private mayAppear = false;
	private readonly runId = createRunId();

	/**
	 * @param retryMs milliseconds before the second attempt to clean up; doubled for each further one
	 */
	constructor(
		private readonly connection: Connection,
		private readonly retryMs: number,
	) {}

	/** The name, title or URL for a new record. */
	mark(kind: KindName): string {
		return kind === 'webhook' ? URL_PREFIX + this.runId : `${NAME}-${this.runId}`;
	}

	/** Sends the request that creates a record. It may be refused. @throws NoResponseError, StopError */
	async create(
		kind: KindName,
		fields: Row,
		asForm?: (fields: Row) => FormData,
	): Promise<PbxResponse> {
		const { list, field } = KINDS[kind];
		const body = { [field]: this.mark(kind), ...fields };
		const request: PbxRequest = asForm ? { form: asForm(body) } : { json: body };
		this.touched.add(kind);
		try {
			return await this.connection.request('POST', client(list), request);
		} catch (error) {
			// A StopError comes before the request, or says that it was refused.
			if (!(error instanceof StopError)) this.mayAppear = true;
			throw error;
		}
	}

	/** Path of a record. */
	path(kind: KindName, id: unknown): string {
		return client(KINDS[kind].item + encodeURIComponent(String(id)));
	}

	/** Sends the request that deletes a record. */
	async remove(kind: KindName, id: unknown): Promise<PbxResponse> {
		return await this.connection.request('DELETE', this.path(kind, id));
	}

	/** Everything on the PBX that a probe created, in this or an earlier run. */
	async find(kinds: Iterable<KindName> = KIND_NAMES): Promise<OwnRecord[]> {
		const found: OwnRecord[] = [];
		for (const kind of kinds) {
			for (const row of await this.readAll(KINDS[kind])) {
				const mark = String(row[KINDS[kind].field] ?? '');
				const isOwn = (kind === 'webhook' ? OWN_URL : OWN_NAME).test(mark);
				if (isOwn && typeof row.id === 'number') found.push({ kind, id: row.id, mark });
			}
		}
		return found;
	}

	/**
	 * Deletes what this run created. Tries again while the PBX does not respond. Also runs after the run
	 * was stopped.
	 */
	async cleanUp(): Promise<Cleanup> {
		if (this.touched.size === 0) return { deleted: [], left: [] };
		return await this.delete(this.touched, (record) => record.mark === this.mark(record.kind));
	}

	/** Deletes what earlier runs left. */
	async deleteLeftovers(records: OwnRecord[]): Promise<Cleanup> {
		const marks = new Set(records.map(({ mark }) => mark));
		const kinds = new Set(records.map(({ kind }) => kind));
		return await this.delete(kinds, ({ mark }) => marks.has(mark));
	}

	private async delete(
		kinds: Set<KindName>,
		isWanted: (record: OwnRecord) => boolean,
	): Promise<Cleanup> {
		return await this.connection.cleanUp(async () => {
			const deleted: OwnRecord[] = [];
			let left: string[] = [];
			// After a lost response the record may appear only later, so one empty search is not enough.
			let emptySearches = this.mayAppear ? 2 : 1;
			for (let round = 0; round < CLEANUP_ROUNDS; round++) {
				if (round > 0) await delay(this.retryMs * 2 ** (round - 1));
				try {
					const records = (await this.find(kinds)).filter(isWanted);
					left = records.map(({ kind, mark }) => `${kind} ${mark}`);
					if (records.length === 0 && --emptySearches === 0) break;
					for (const record of records) {
						const { status } = await this.remove(record.kind, record.id);
						if (status < 300 || status === 404) deleted.push(record);
					}
				} catch {
					left = [...kinds].map((kind) => `perhaps ${kind} ${this.mark(kind)}`);
				}
			}
			return { deleted, left };
		});
	}

	/** All records of a list. A list that the application may not read has none that it created. */
	private async readAll({ list, isPaged }: Kind): Promise<Row[]> {
		const rows: Row[] = [];
		const ids = new Set<unknown>();
		for (let page = 1; page <= MAX_PAGES; page++) {
			const response = await this.connection.request('GET', client(list), {
				query: isPaged
					? [
							['page', String(page)],
							['per_page', '100'],
						]
					: [],
			});
			if (response.status === 403 && page === 1) return rows;
			// Some PBXs may have no page after the last one.
			if (response.status === 404 && page > 1) return rows;
			if (!Array.isArray(response.json)) {
				throw new NoResponseError(`no list (status ${response.status})`);
			}
			const added = (response.json as unknown[])
				.map(fieldsOf)
				.filter(({ id }) => id !== undefined && !ids.has(id));
			for (const row of added) ids.add(row.id);
			rows.push(...added);
			if (!isPaged || added.length === 0) break;
		}
		return rows;
	}
}
