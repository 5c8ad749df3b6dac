import { camel, type Field } from './fields';

/**
 * The words for one endpoint. A row is the whole truth about it as the node sees it; the editor's
 * fields, the request, the README's table and the tests are all read from rows.
 */

/** What the PBX answers with, and so what becomes an item. */
export type Result = 'record' | 'list' | 'deleted' | 'done' | 'file';

export interface Row {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Path template below `/api/ver1.0`, with the API page's own placeholders. */
	path: string;
	result: Result;
	/** What it does, in plain words, for people and AI agents. */
	about: string;
	/** Name in the Operation dropdown; from the row's key if absent: `getMany` → `Get Many`. */
	label?: string;
	/** Sentence in the node panel; from label and resource if absent. */
	action?: string;
	required?: Field[];
	optional?: Field[];
	/** Offered page by page (`page`, `per_page`). */
	paged?: boolean;
	/** The PBX limits its period (`start_datetime`, `end_datetime`); a longer one is asked for in parts. */
	ranged?: boolean;
	/** Key that holds the records, where the answer is not a bare array. */
	root?: string;
	/** The API page does not say what the list looks like: an object that is none becomes one item. */
	open?: boolean;
	/** Name that the value gets, where the answer may be a bare text. */
	bare?: string;
	/** The fields Simplify keeps, where a record has more than ten. */
	simple?: string[];
	/** Takes all input items at once (`customOperations`), so its inputs are not routed one by one. */
	bulk?: boolean;
	/** Form upload instead of JSON. */
	multipart?: boolean;
	/** Sent with login and password of a PBX user, not with the token. */
	basicAuth?: boolean;
	/** The PBX refuses a second one while one is running, so they go one at a time. */
	oneAtATime?: boolean;
}

export interface Resource {
	/** Value of the Resource dropdown: `taskScheduler`. */
	key: string;
	/** Name in the dropdown, singular: `Task Scheduler`. */
	label: string;
	/** In a sentence: `task scheduler`, `task schedulers`. */
	noun: string;
	nouns: string;
	about: string;
	/** Inputs that fill the placeholders of the paths. */
	path: Field[];
	rows: Record<string, Row>;
}

type Words = Pick<Resource, 'label' | 'about' | 'rows'> &
	Partial<Pick<Resource, 'key' | 'noun' | 'nouns' | 'path'>>;

/** Names a resource and fills in what follows from its label. */
export function resource(words: Words): Resource {
	const noun = words.noun ?? words.label.toLowerCase();
	return {
		key: camel(words.label.toLowerCase().replace(/[^a-z0-9]+/g, '_')),
		noun,
		nouns: `${noun}s`,
		path: [],
		...words,
	};
}

type More = Partial<Omit<Row, 'method' | 'path' | 'about'>>;

const row =
	(method: Row['method'], result: Result) =>
	(path: string, about: string, more: More = {}): Row => ({ method, path, result, about, ...more });

export const get = row('GET', 'record');
export const list = row('GET', 'list');
export const download = row('GET', 'file');
export const post = row('POST', 'record');
export const put = row('PUT', 'record');
export const remove = row('DELETE', 'deleted');

/** Placeholders of a path: `/client/{client_id}/did/{did_id}` → `['client_id', 'did_id']`. */
export const placeholders = (path: string) =>
	Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1]);

/** The name of a top-level input in the node's parameters. Ids keep theirs: `extensionId`. */
export function inputName(resource: Resource, field: Field) {
	const isPath = resource.path.includes(field) && field.key !== 'id';
	const isBulk = Object.values(resource.rows).some(
		(row) => row.bulk && row.required?.includes(field),
	);
	return isPath || isBulk ? camel(field.key) : camel(`${resource.key}_${field.key}`);
}
