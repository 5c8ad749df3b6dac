import type { PbxResponse } from './connection.mts';

/** Depth to which the structure of a value is described. */
const MAX_DEPTH = 3;
const MAX_LENGTH = 300;
/** Shorter values occur in ordinary words. */
const MIN_PERSONAL_LENGTH = 4;
/** Fields whose values are words of the API. */
const WORD_FIELDS = new Set(
	'access app_id event_type expires flow method result status timezone type'.split(' '),
);

/**
 * Makes texts safe to publish: no secrets, no values that the PBX stores, no numbers, addresses or dates.
 */
export class Redactor {
	private readonly personal = new Set<string>();

	/** @param secrets returns what must never be shown; it may grow */
	constructor(private readonly secrets: () => string[]) {}

	/** Remembers all texts in a successful response: an error message may repeat them. */
	learn(value: unknown, name = ''): void {
		if (typeof value === 'string') {
			const isPersonal = value.length >= MIN_PERSONAL_LENGTH && !WORD_FIELDS.has(name);
			if (isPersonal) this.personal.add(value);
		} else if (typeof value === 'object' && value !== null) {
			for (const [key, item] of Object.entries(value)) this.learn(item, key);
		}
	}

	redact(text: string): string {
		let result = text;
		for (const secret of this.secrets()) if (secret) result = result.replaceAll(secret, '***');
		const values = [...this.personal].sort((a, b) => b.length - a.length);
		for (const value of values) result = result.replaceAll(value, '<value>');
		result = result
			.replace(/\b[a-z][\w+.-]*:\/\/[^\s"'<>]+/gi, '<URL>')
			.replace(/[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+/g, '<email>')
			.replace(/\b[0-9a-f]{16,}\b/gi, '<id>')
			.replace(/\d(?=\d)|(?<=\d)\d/g, '#');
		return shorten(result);
	}
}

const shorten = (text: string) =>
	text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)} …` : text;

/** The structure of a value, without any of its values: `{"id": integer, "domain": {"id": integer}}`. */
export function shapeOf(value: unknown, depth = 0): string {
	if (value === null) return 'null';
	if (value === undefined) return 'nothing';
	if (Array.isArray(value)) {
		if (value.length === 0) return '[]';
		return depth >= MAX_DEPTH ? '[…]' : `[${shapeOf(value[0], depth + 1)}, …]`;
	}
	if (typeof value === 'object') {
		if (depth >= MAX_DEPTH) return '{…}';
		const fields = Object.entries(value).map(
			([name, field]) => `"${maskName(name)}": ${shapeOf(field, depth + 1)}`,
		);
		return `{${fields.join(', ')}}`;
	}
	if (typeof value === 'string') return 'text';
	if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
	return typeof value;
}

/** Names of fields are words of the API. Others, such as the keys of a map, may be personal. */
const maskName = (name: string) => (/^[A-Za-z][A-Za-z_]*\d{0,4}$/.test(name) ? name : '<key>');

/** The form of a text: `2026-01-15 10:00` becomes `0000-00-00 00:00`. */
export const formOf = (text: string) =>
	text.slice(0, 60).replace(/\d/g, '0').replace(/\p{L}/gu, 'a');

/** What an error response says; of a successful one its structure. */
export function summarize({ status, headers, json }: PbxResponse, redactor: Redactor): string {
	const location = headers.get('location');
	if (status >= 300 && status < 400) {
		return `status ${status}${location ? ', a redirect' : ''}`;
	}
	if (json === undefined) {
		const type = headers.get('content-type')?.split(';', 1)[0];
		return `status ${status}${type ? `, ${redactor.redact(type)}` : ', no body'}`;
	}
	if (status < 400 || typeof json !== 'object' || json === null) {
		return `status ${status}, ${shorten(shapeOf(json))}`;
	}
	const fields = Object.entries(json).map(
		([name, value]) =>
			`"${maskName(name)}": ${typeof value === 'string' ? `"${redactor.redact(value)}"` : shapeOf(value, 1)}`,
	);
	return `status ${status}, {${fields.join(', ')}}`;
}
