/**
 * The definition of one input of an operation: its name in the API, its label and its kind.
 * `descriptions/` turns it into an editor property, `parameters/` serializes its value.
 */

export type Kind =
	| 'text'
	| 'longText'
	| 'email'
	| 'emails'
	| 'phoneNumber'
	| 'phoneNumbers'
	| 'country'
	| 'secret'
	| 'integer'
	| 'boolean'
	| 'choice'
	| 'choices'
	| 'dateTime'
	| 'date'
	| 'localDateTime'
	| 'timeOfDay'
	| 'strings'
	| 'integers'
	| 'locator'
	| 'rows'
	| 'keyValues'
	| 'audio'
	| 'group'
	| 'json';

export interface Choice {
	/** The value in the request; a number where the API documents an integer. */
	value: string | number;
	label: string;
	description?: string;
}

export interface Field {
	/** Name on the wire, as the API documentation has it: `caller_id_name`. */
	key: string;
	label: string;
	description: string;
	kind: Kind;
	/** Key of the object in the request that contains the value, as text: `variables` of a call. */
	into?: string;
	/** Initial value in the editor. Sent only if the user adds the field. */
	default?: string | number | boolean;
	placeholder?: string;
	min?: number;
	max?: number;
	choices?: Choice[];
	/** Columns of a `rows` field, members of a `group`. */
	columns?: Field[];
	/** What one row is called, for the editor's Add button. */
	rowLabel?: string;
	/** Kinds of rows to choose from, each with some of the columns. Without it a row has all columns. */
	variants?: Variant[];
	/** A row without a value for this column is rejected. False for an input that is always shown and may be empty. */
	required?: boolean;
	/** Empty text is a value and is sent. */
	allowEmpty?: boolean;
	/** In an update, an empty value clears it on the PBX. Without it, an empty value is refused there. */
	clearable?: boolean;
	/** Limits in a request body which records the operation covers: refused if it is set and empty. */
	narrows?: boolean;
	/** Blanks around the text belong to the value. */
	keepsBlanks?: boolean;
	/** Whether commas separate the values of a list of text: IDs, but not names. Default: in text in place of the list. */
	commas?: 'separate' | 'belong';
	/** Key of the input that holds the time zone of the times in this field. Default: the workflow's time zone. */
	timeZoneField?: string;
	/** Key of the field that begins the range which this one ends: it must not be later. */
	endOf?: string;
	/** Columns that the PBX adds in its responses. They are accepted in input rows and not sent. */
	readOnly?: string[];
	locator?: Locator;
	/** What a model that builds a workflow has to know about the input and a person does not. */
	builderHint?: string;
	/** Shown only while another input has one of these values: `{ agent_type: ['local'] }`. */
	showWhen?: Record<string, Array<string | boolean>>;
}

/** One kind of row, with the keys of its columns and of its required columns. */
export interface Variant {
	key: string;
	label: string;
	columns: string[];
	required?: string[];
}

/** A reference to a PBX record, picked from a list or given by ID. */
export interface Locator {
	/** Type of the record: `Extension`. */
	label: string;
	/** Example ID, for the placeholder. */
	example: string;
	/** Whether the API documents the ID as a number. */
	numeric: boolean;
	/** How to list the records. Absent where the PBX cannot list them. */
	list?: {
		/** Key of the resource that it belongs to. */
		resource: string;
		/** Key of the operation that lists them. Default: `getMany`. */
		operation?: string;
		/** Ends the name of the list search method, where a resource has several lists. Default: the resource. */
		name?: string;
		/** Display name of a record: `101 Reception`. Times are shown in the given IANA time zone. */
		format: (record: Record<string, unknown>, zone: string) => string;
		/** Property that holds the ID. Default: `id`. */
		id?: string;
		/** Query parameters of the list request. */
		query?: () => Record<string, string>;
	};
}

type FieldOptions = Partial<Omit<Field, 'key' | 'label' | 'description' | 'kind'>>;

const field =
	(kind: Kind) =>
	(key: string, label: string, description: string, more: FieldOptions = {}): Field => ({
		key,
		label,
		description,
		kind,
		...more,
	});

export const text = field('text');
export const longText = field('longText');
export const secret = field('secret');
/** One number that is dialed or compared, as `parsePhoneNumber` reads it. */
export const phoneNumber = field('phoneNumber');
export const phoneNumbers = field('phoneNumbers');
/** The country of the national numbers of an operation, by its ISO code or its English name. It is not sent. */
export const country = field('country');
/** One email address. */
export const email = field('email');
/** Email addresses, sent as one text. */
export const emails = field('emails');
export const integer = field('integer');
export const boolean = field('boolean');
/** A point in time, sent as `YYYY-MM-DD HH:MM:SS` in UTC. */
export const dateTime = field('dateTime');
/** A day, sent as `YYYY-MM-DD`. */
export const date = field('date');
/** A point in time, sent as local time of its time zone; see `timeZoneField`. */
export const localDateTime = field('localDateTime');
/** `HH:MM` or `HH:MM:SS`. */
export const timeOfDay = field('timeOfDay');
/** Several values, added one by one. */
export const strings = field('strings');
export const integers = field('integers');
/** Names with values, sent as one object. */
export const keyValues = field('keyValues');
export const json = field('json');
/** A WAV or MP3 file of the input item; the user gives the name of the item's field. */
export const audio = field('audio');

export const choice = (
	key: string,
	label: string,
	description: string,
	choices: Choice[],
	more: FieldOptions = {},
) => field('choice')(key, label, description, { choices, default: choices[0].value, ...more });

export const choices = (
	key: string,
	label: string,
	description: string,
	options: Choice[],
	more: FieldOptions = {},
) => field('choices')(key, label, description, { choices: options, ...more });

/** A list of objects, added one by one or given as JSON. */
export const rows = (
	key: string,
	label: string,
	description: string,
	rowLabel: string,
	columns: Field[],
	more: FieldOptions = {},
) => field('rows')(key, label, description, { rowLabel, columns, ...more });

/** A reference to a PBX record; the description is for its use in a collection; a path ID needs none. */
export const locator = (
	key: string,
	locator: Locator,
	label = locator.label,
	description = '',
	more: FieldOptions = {},
) => field('locator')(key, label, description, { locator, ...more });

/** Optional inputs under one heading. */
export const group = (
	key: string,
	label: string,
	description: string,
	columns: Field[],
	more: FieldOptions = {},
) => field('group')(key, label, description, { columns, ...more });

const capitalize = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** Name of the list search method of a locator. */
export const searchMethodName = ({
	resource,
	operation = '',
	name = `${resource}${capitalize(operation)}`,
}: NonNullable<Locator['list']>) => `search${capitalize(name)}`;

/** Names by key: *Add Tasks* asks for each of them for every person. */
const camelCaseNames = new Map<string, string>();

/**
 * `caller_id_name` → `callerIdName`.
 *
 * @param key of a field of the package
 */
export function camelCase(key: string): string {
	let name = camelCaseNames.get(key);
	if (name === undefined) {
		name = key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
		camelCaseNames.set(key, name);
	}
	return name;
}

/** Keys inside the value of a fixed collection: its rows, and the rows given as JSON. */
export const ROWS = 'rows';
export const JSON_ENTRY = 'json';
