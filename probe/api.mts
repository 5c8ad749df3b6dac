/** A record of the PBX. */
export type Row = Record<string, unknown>;

/** Parameters of a query. Repeated names are sent repeatedly. */
export type Query = Array<[name: string, value: string]>;

/** A path of the client of the logged-in user, below the root of the API. */
export const client = (path: string) => `/client/@me/${path}`;

/** The fields of a JSON object; none for anything else. */
export const fieldsOf = (value: unknown): Row =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};

/** An ID that no record has. */
export const UNKNOWN_ID = 999_999_999;
