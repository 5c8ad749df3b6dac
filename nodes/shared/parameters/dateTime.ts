import { tryToParseDateTime } from 'n8n-workflow';

import { ValidationError } from '../errors/validationError';
import type { Field } from '../schema/field';
import { formatValue } from './parseJson';

/**
 * `YYYY-MM-DD HH:MM:SS` in UTC, the only date format of the PBX (RingMe documentation of recordings
 * and task schedulers).
 */
export function formatUtc(label: string, value: unknown, timeZone: string): string {
	return parseTime(label, value, timeZone).toUTC().toFormat('yyyy-MM-dd HH:mm:ss');
}

/** The IANA name of a time zone; undefined if it does not exist. */
export function resolveTimeZone(name: unknown): string | undefined {
	try {
		const { timeZone } = new Intl.DateTimeFormat('en', {
			timeZone: String(name),
		}).resolvedOptions();
		return timeZone;
	} catch {
		return undefined;
	}
}

export function parseTime(label: string, value: unknown, timeZone: string) {
	// Luxon reads a bare number as a year, and a bare hour as today.
	if (typeof value === 'object' || /^\s*\d{4}-\d{2}-\d{2}|[a-z]{3}.*\d{4}/i.test(String(value))) {
		try {
			return tryToParseDateTime(value, timeZone);
		} catch {
			// Reported below, in words that a user can act on.
		}
	}
	throw new ValidationError(
		`'${label}' is not a date and time: ${formatValue(value)}`,
		'Use the date picker, an expression that gives a date, or text like 2026-05-31 18:00:00.',
	);
}

export function timeOfDay({ label }: Field, value: unknown): string {
	const [, hour, rest] = /^\s*([01]?\d|2[0-3])((?::[0-5]\d){1,2})\s*$/.exec(String(value)) ?? [];
	if (hour) return hour.padStart(2, '0') + rest;
	throw new ValidationError(
		`'${label}' is not a time of day: ${formatValue(value)}`,
		'Enter it like 09:00.',
	);
}
