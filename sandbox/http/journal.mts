import { createHash } from 'node:crypto';

/** A request that reached the PBX. */
export interface JournalEntry {
	/** Counts up from 1 in order of arrival. */
	n: number;
	/** PBX time of arrival in epoch milliseconds. */
	at: number;
	method: string;
	/** Including the base path (`/api/ver1.0/...`), without the query. */
	path: string;
	/** Repeated keys become lists. */
	query: Record<string, string | string[]>;
	/** `authorization` is redacted to the scheme and a short hash. */
	headers: Record<string, string | string[] | undefined>;
	/** Parsed body: JSON or form fields; name, type and size of a file. Secrets are hashed. */
	body?: unknown;
	operationId?: string;
	/** Status of the response; undefined while there is none, or if the connection was dropped before. */
	status?: number;
	/** Whether the request changed the PBX's state. */
	acted: boolean;
	/** Kind of the fault that was injected. */
	fault?: string;
}

const SECRET_FIELD = /^(client_secret|password|refresh_token|access_token|code)$/;
const MAX_ENTRIES = 50_000;
const hashes = new Map<string, string>();

/** `#` and eight hex digits: enough to distinguish two secrets, useless for anything else. */
export function shortHash(secret: string): string {
	let hash = hashes.get(secret);
	if (!hash) {
		hash = `#${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;
		if (hashes.size > 1000) hashes.clear();
		hashes.set(secret, hash);
	}
	return hash;
}

/** Returns the fields with the values of secret ones hashed. */
export function hashSecrets<T>(fields: Record<string, T>): Record<string, T | string> {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			SECRET_FIELD.test(name) ? shortHash(String(value)) : value,
		]),
	);
}

function redactHeaders(headers: JournalEntry['headers']): JournalEntry['headers'] {
	const { authorization } = headers;
	if (typeof authorization !== 'string') return { ...headers };
	const [scheme, ...rest] = authorization.split(' ');
	return { ...headers, authorization: `${scheme} ${shortHash(rest.join(' '))}` };
}

/** All requests to the PBX, token requests included. Control requests are not recorded. */
export class Journal {
	private entries: JournalEntry[] = [];
	private count = 0;
	/** API requests in progress. */
	inFlight = 0;
	/** Maximum of `inFlight` since the last `clear`. */
	maxInFlight = 0;

	/** Records the arrival of a request. The caller adds the rest to the returned entry. */
	open(request: Pick<JournalEntry, 'at' | 'method' | 'path' | 'query' | 'headers'>): JournalEntry {
		const entry: JournalEntry = {
			...request,
			n: ++this.count,
			headers: redactHeaders(request.headers),
			acted: false,
		};
		if (this.entries.length >= MAX_ENTRIES) this.entries.shift();
		this.entries.push(entry);
		return entry;
	}

	/** Counts the start of an API request. */
	startRequest(): void {
		this.maxInFlight = Math.max(this.maxInFlight, ++this.inFlight);
	}

	/** Counts the end of an API request. */
	endRequest(): void {
		this.inFlight--;
	}

	/** All requests, oldest first. */
	all(): JournalEntry[] {
		return [...this.entries];
	}

	/** API requests, without token requests. */
	api(): JournalEntry[] {
		return this.entries.filter((entry) => entry.path.startsWith('/api/'));
	}

	/** Requests with this method whose path contains the text or matches the expression. */
	find(method: string, path?: string | RegExp): JournalEntry[] {
		return this.entries.filter(
			(entry) =>
				entry.method === method &&
				(path === undefined ||
					(typeof path === 'string' ? entry.path.includes(path) : path.test(entry.path))),
		);
	}

	/** The latest API request. */
	last(): JournalEntry | undefined {
		return this.api().at(-1);
	}

	clear(): void {
		this.entries = [];
		this.maxInFlight = this.inFlight;
	}
}
