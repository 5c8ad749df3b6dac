/**
 * The words for one input of an operation. A field says what it is (its name on the wire, its
 * label, its kind); how it looks in the editor is `describe/`'s business and how its value travels
 * is `request/`'s.
 */

export type Kind =
	| 'text'
	| 'longText'
	| 'secret'
	| 'integer'
	| 'flag'
	| 'choice'
	| 'choices'
	| 'dateTime'
	| 'date'
	| 'wallTime'
	| 'timeOfDay'
	| 'texts'
	| 'integers'
	| 'locator'
	| 'rows'
	| 'pairs'
	| 'audio'
	| 'group'
	| 'json';

export interface Choice {
	/** As it travels; a number where the API page says integer. */
	value: string | number;
	label: string;
	about?: string;
}

export interface Field {
	/** Name on the wire, as the API page has it: `caller_id_name`. */
	key: string;
	label: string;
	about: string;
	kind: Kind;
	/** What the editor shows first. Shown, never sent unless the user adds the field. */
	initial?: string | number | boolean;
	placeholder?: string;
	min?: number;
	max?: number;
	choices?: Choice[];
	/** Columns of a `rows` field, members of a `group`. */
	columns?: Field[];
	/** What one row is called, for the editor's Add button. */
	rowLabel?: string;
	/** Kinds of rows the user chooses from, each with some of the columns; else a row has them all. */
	forms?: Form[];
	/** A row without this column is refused. */
	needed?: boolean;
	/** Empty text is a value here, and sent. */
	blank?: boolean;
	/** The input whose time zone is that of the times in here, if not the workflow's. */
	zoneFrom?: string;
	/** What the PBX adds to a row in its answers; left out when such a row is given back to it. */
	readOnly?: string[];
	locator?: Locator;
	/** Shown only while another input has one of these values: `{ agent_type: ['local'] }`. */
	when?: Record<string, string[]>;
}

/** One kind of row, with the keys of its columns and of those that it cannot do without. */
export interface Form {
	key: string;
	label: string;
	columns: string[];
	needed?: string[];
}

/** One record of the PBX that a person picks from a list or names by id. */
export interface Locator {
	/** What is picked: `Extension`. */
	label: string;
	/** An id as it looks on this PBX, for the placeholder. */
	example: string;
	/** Ids travel as numbers unless the API page says string. */
	numeric: boolean;
	/** How the list is read; absent where the PBX cannot list these records. */
	list?: {
		/** Key of the resource whose Get Many it is. */
		of: string;
		/** The record as a person knows it: `101 Reception`; times are shown in the zone given. */
		show: (record: Record<string, unknown>, zone: string) => string;
		/** Name of the field that holds the id. */
		id?: string;
		/** What the list needs to be asked with. */
		query?: () => Record<string, string>;
	};
}

type More = Partial<Omit<Field, 'key' | 'label' | 'about' | 'kind'>>;

const field =
	(kind: Kind) =>
	(key: string, label: string, about: string, more: More = {}): Field => ({
		key,
		label,
		about,
		kind,
		...more,
	});

export const text = field('text');
export const longText = field('longText');
export const secret = field('secret');
export const integer = field('integer');
export const flag = field('flag');
/** A point in time, sent as `YYYY-MM-DD HH:MM:SS` in UTC. */
export const dateTime = field('dateTime');
/** A day, sent as `YYYY-MM-DD`. */
export const date = field('date');
/** A point in time, sent as the clock of its zone shows it; see `zoneFrom`. */
export const wallTime = field('wallTime');
/** `HH:MM` or `HH:MM:SS`. */
export const timeOfDay = field('timeOfDay');
/** Several values; the user adds one after another. */
export const texts = field('texts');
export const integers = field('integers');
/** Names with values, sent as one object. */
export const pairs = field('pairs');
export const json = field('json');
/** A WAV or MP3 file of the input item; the user gives the name of the item's field. */
export const audio = field('audio');

export const choice = (
	key: string,
	label: string,
	about: string,
	choices: Choice[],
	more: More = {},
) => field('choice')(key, label, about, { choices, initial: choices[0].value, ...more });

export const choices = (
	key: string,
	label: string,
	about: string,
	options: Choice[],
	more: More = {},
) => field('choices')(key, label, about, { choices: options, ...more });

/** Objects that the user fills in one after another, or gives as JSON. */
export const rows = (
	key: string,
	label: string,
	about: string,
	rowLabel: string,
	columns: Field[],
	more: More = {},
) => field('rows')(key, label, about, { rowLabel, columns, ...more });

/** One of the PBX's records; `about` is for its use in a collection, as a path id it needs none. */
export const pick = (
	key: string,
	locator: Locator,
	label = locator.label,
	about = '',
	more: More = {},
) => field('locator')(key, label, about, { locator, ...more });

/** Optional inputs under one heading. */
export const group = (
	key: string,
	label: string,
	about: string,
	columns: Field[],
	more: More = {},
) => field('group')(key, label, about, { columns, ...more });

/** The name under which n8n finds the list search of a locator. */
export const searchMethod = ({ of }: { of: string }) =>
	`search${of.charAt(0).toUpperCase()}${of.slice(1)}`;

/** `caller_id_name` → `callerIdName`. */
export const camel = (key: string) =>
	key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Where n8n keeps the rows of a fixed collection, and what was given as JSON beside them. */
export const ROWS = 'rows';
export const AS_JSON = 'json';
