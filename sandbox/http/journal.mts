import { createHash } from 'node:crypto';

/** One request that reached the PBX, in order of arrival. */
export interface JournalEntry {
	n: number;
	/** PBX time of arrival, ms since 1970. */
	at: number;
	method: string;
	/** With the base (`/api/ver1.0/...`), without the query. */
	path: string;
	/** Repeated keys are lists. */
	query: Record<string, string | string[]>;
	/** `authorization` is cut down to scheme and a short hash. */
	headers: Record<string, string | string[] | undefined>;
	/** Parsed body (JSON, form fields; of a file its name, type and size). Secrets are hashed. */
	body?: unknown;
	/** The body as it came, if it could not be parsed (first 2000 characters). */
	rawBody?: string;
	operationId?: string;
	/** Of the answer; undefined while it is under way or if the connection was dropped without one. */
	status?: number;
	/** Whether the request changed the PBX's state. */
	acted: boolean;
	/** Kind of the fault that struck it. */
	fault?: string;
}

const SECRET = /^(client_secret|password|refresh_token|access_token|code)$/;
const MAX_ENTRIES = 50_000;
const hashes = new Map<string, string>();

/** `#` and eight hex digits: enough to tell two secrets apart, useless for anything else. */
export function shortHash(secret: string): string {
	let hash = hashes.get(secret);
	if (!hash) {
		hash = `#${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;
		if (hashes.size > 1000) hashes.clear();
		hashes.set(secret, hash);
	}
	return hash;
}

/** The fields with the secret ones hashed. */
export function hashSecrets<T>(fields: Record<string, T>): Record<string, T | string> {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			SECRET.test(name) ? shortHash(String(value)) : value,
		]),
	);
}

function redact(headers: JournalEntry['headers']): JournalEntry['headers'] {
	const { authorization } = headers;
	if (typeof authorization !== 'string') return { ...headers };
	const [scheme, ...rest] = authorization.split(' ');
	return { ...headers, authorization: `${scheme} ${shortHash(rest.join(' '))}` };
}

/** What was asked of the PBX. The control endpoint is not in it; token requests are. */
export class Journal {
	private entries: JournalEntry[] = [];
	private count = 0;
	/** API requests being worked on now. */
	inFlight = 0;
	/** The most there have been at once since the last `clear`. */
	maxInFlight = 0;

	/** Notes the arrival of a request; the caller fills in the rest as it becomes known. */
	open(request: Pick<JournalEntry, 'at' | 'method' | 'path' | 'query' | 'headers'>): JournalEntry {
		const entry: JournalEntry = {
			...request,
			n: ++this.count,
			headers: redact(request.headers),
			acted: false,
		};
		if (this.entries.length >= MAX_ENTRIES) this.entries.shift();
		this.entries.push(entry);
		return entry;
	}

	enter(): void {
		this.maxInFlight = Math.max(this.maxInFlight, ++this.inFlight);
	}

	leave(): void {
		this.inFlight--;
	}

	/** All requests, oldest first. */
	all(): JournalEntry[] {
		return [...this.entries];
	}

	/** Requests to the API, without those for tokens. */
	api(): JournalEntry[] {
		return this.entries.filter((entry) => entry.path.startsWith('/api/'));
	}

	/** Requests by method and by path (a text anywhere in it, or an expression). */
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
