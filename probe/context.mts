import type { Query, Row } from './api.mts';
import { client } from './api.mts';
import type { Connection, PbxRequest, PbxResponse } from './connection.mts';
import type { Redactor } from './describe.mts';
import { summarize } from './describe.mts';
import { NotAnswerable } from './errors.mts';
import type { OwnRecords } from './ownRecords.mts';

/** Records of the PBX that the user names, because the API cannot list them. */
export interface KnownIds {
	schedulerId?: string;
	taskId?: string;
}

/** What probes need. Equal reading requests are sent once only. */
export class PbxContext {
	private readonly responses = new Map<string, Promise<PbxResponse>>();

	constructor(
		readonly connection: Connection,
		readonly redactor: Redactor,
		readonly ids: KnownIds,
		/** Absent without `--write`. */
		private readonly records?: OwnRecords,
	) {}

	/** The records of the probe itself. @throws NotAnswerable without `--write` */
	get own(): OwnRecords {
		if (!this.records) throw new NotAnswerable('It needs --write.');
		return this.records;
	}

	/**
	 * Sends a GET request, always.
	 * @param path below `/api/ver1.0`
	 * @throws NotAnswerable if the user or the application may not send it
	 */
	async get(path: string, request: PbxRequest = {}): Promise<PbxResponse> {
		return this.requireAccess(await this.getAny(path, request));
	}

	/** Like `get`, for questions about access. */
	async getAny(path: string, request: PbxRequest = {}): Promise<PbxResponse> {
		const response = await this.connection.request('GET', path, request);
		if (response.status < 300) this.redactor.learn(response.json);
		return response;
	}

	/** @throws NotAnswerable if the request was refused because of access or a limit of the client */
	requireAccess(response: PbxResponse): PbxResponse {
		if (response.status !== 403) return response;
		throw new NotAnswerable(`The PBX does not allow it: ${this.describe(response)}`);
	}

	/** The response for a path below the client, which has to be a success. @throws NotAnswerable */
	async read(path: string, query: Query = []): Promise<PbxResponse> {
		const key = JSON.stringify([path, query]);
		let response = this.responses.get(key);
		if (!response) {
			response = this.get(client(path), { query });
			this.responses.set(key, response);
			// A later question may ask again.
			response.catch(() => this.responses.delete(key));
		}
		return this.require(await response, path);
	}

	/** The records of a list below the client. @throws NotAnswerable if it is no list */
	async list(path: string, query: Query = []): Promise<Row[]> {
		const { json } = await this.read(path, query);
		if (!Array.isArray(json)) throw new NotAnswerable(`${path} returned no list.`);
		return json as Row[];
	}

	/** The first record of a list. @throws NotAnswerable if there is none */
	async first(path: string, query: Query = []): Promise<Row> {
		const [row] = await this.list(path, query);
		if (!row) throw new NotAnswerable(`${path} returned no record.`);
		return row;
	}

	/** @throws NotAnswerable unless the response is a success */
	require(response: PbxResponse, what: string): PbxResponse {
		const { status } = response;
		if (status >= 200 && status < 300) return response;
		throw new NotAnswerable(`${what}: ${this.describe(response)}`);
	}

	/** What the response says, safe to publish. */
	describe(response: PbxResponse): string {
		return summarize(response, this.redactor);
	}
}
