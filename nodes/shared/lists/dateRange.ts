import type { IDataObject } from 'n8n-workflow';

import { IncompleteError } from '../errors/incompleteError';
import { ValidationError } from '../errors/validationError';
import { checkRange } from '../parameters/ranges';
import type { Operation } from '../schema/operation';
import { formatUtc, parseUtc } from '../time/utc';

/** A period in a request: `YYYY-MM-DD HH:MM:SS` in UTC. */
export type Period = { start_datetime: string; end_datetime: string };

const SECOND_MS = 1000;
const MAX_YEARS = 10;

/** The last second of the month after the one that contains the time. */
function latestEnd(ms: number) {
	const date = new Date(ms);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 1) - SECOND_MS;
}

/**
 * Splits a period into parts that the PBX accepts, oldest first: each ends no later than the last day
 * of the month after its start (RingMe documentation of recordings; for voicemail it says "within two
 * months", which is never shorter).
 *
 * A part starts one second before the end of the one before it. The PBX's times have fractions of a
 * second that a request cannot express, so a record of 23:59:59.5 would otherwise be in neither part.
 *
 * @throws ValidationError for a period that ends before it starts, or is so long that reading it
 * would exceed the hourly rate limit
 */
export function splitPeriod({ start_datetime, end_datetime }: Period): Period[] {
	checkRange(
		'The date range',
		{ label: 'Start', value: `${start_datetime} UTC` },
		{ label: 'End', value: `${end_datetime} UTC` },
	);
	const end = parseUtc(end_datetime) ?? NaN;
	let start = parseUtc(start_datetime) ?? NaN;
	if (new Date(end).getUTCFullYear() - new Date(start).getUTCFullYear() > MAX_YEARS) {
		throw new ValidationError(
			`The date range is longer than ${MAX_YEARS} years`,
			"The PBX returns at most two months per request, so this date range takes too many requests. Choose a later 'Start' or an earlier 'End'.",
		);
	}
	const parts: Period[] = [];
	for (;;) {
		const partEnd = Math.min(end, latestEnd(start));
		parts.push({ start_datetime: formatUtc(start), end_datetime: formatUtc(partEnd) });
		if (partEnd === end) return parts;
		start = partEnd - SECOND_MS;
	}
}

/** The periods that two neighboring parts have in common. */
export const overlappingPeriods = (parts: Period[]): Period[] =>
	parts.slice(1).map(({ start_datetime }, index) => ({
		start_datetime,
		end_datetime: parts[index].end_datetime,
	}));

/**
 * The statistics of a period: the sum of its parts, minus what two parts both counted. Nothing counts as 0.
 * Values that are not numbers are those of the first part that has them.
 */
export function mergeStatistics(parts: IDataObject[], overlaps: IDataObject[]): IDataObject {
	const sum = (records: IDataObject[], key: string) =>
		records.reduce((total, record) => total + (Number(record[key]) || 0), 0);
	const keys = new Set(parts.flatMap((part) => Object.keys(part)));
	return Object.fromEntries(
		[...keys].map((key) => {
			const values = parts.map((part) => part[key]).filter((value) => !isNothing(value));
			const isCounted = values.length > 0 && values.every(isCount);
			return [key, isCounted ? sum(parts, key) - sum(overlaps, key) : (values[0] ?? null)];
		}),
	);
}

const isNothing = (value: unknown) => value === null || value === undefined || value === '';

/** A number, also as text. */
const isCount = (value: unknown) =>
	(typeof value === 'number' || typeof value === 'string') && Number.isFinite(Number(value));

/**
 * Fetches the records of one period.
 *
 * @param limit maximum number of records
 * @param knownKeys keys of records to leave out; those of the returned records are added
 */
export type FetchPeriod = (
	query: IDataObject,
	limit: number,
	knownKeys: Set<string>,
) => Promise<IDataObject[]>;

/**
 * Executes an operation over a period of any length, in as few requests as the PBX allows: lists are
 * joined in the requested order, statistics are added up, deletions follow one another.
 *
 * @param query query parameters of the operation, with the period
 * @param limit maximum number of records
 * @throws IncompleteError for a deletion that failed after a part of the period was deleted
 */
export async function fetchByPeriod(
	{ result }: Operation,
	query: IDataObject,
	limit: number,
	fetchPeriod: FetchPeriod,
): Promise<IDataObject[]> {
	const { start_datetime, end_datetime, order } = query as Partial<Period> & { order?: unknown };
	const knownKeys = new Set<string>();
	if (!start_datetime || !end_datetime) return await fetchPeriod({}, limit, knownKeys);
	const parts = splitPeriod({ start_datetime, end_datetime });
	if (result === 'deleted') return await deleteByPeriod(parts, fetchPeriod);
	const fetchParts = async (periods: Period[], partLimit = Infinity) => {
		const records: IDataObject[] = [];
		for (const period of periods) {
			if (records.length >= partLimit) break;
			const part = await fetchPeriod(period, partLimit - records.length, knownKeys);
			for (const record of part) records.push(record);
		}
		return records;
	};
	if (result === 'list') {
		return await fetchParts(order === 'asc' ? parts : parts.reverse(), limit);
	}
	return [mergeStatistics(await fetchParts(parts), await fetchParts(overlappingPeriods(parts)))];
}

async function deleteByPeriod(parts: Period[], fetchPeriod: FetchPeriod): Promise<IDataObject[]> {
	let records: IDataObject[] = [];
	let deletedUntil: string | undefined;
	for (const part of parts) {
		const [deletion] = await Promise.allSettled([fetchPeriod(part, Infinity, new Set())]);
		if (deletion.status === 'rejected') {
			throw deletedUntil === undefined
				? (deletion.reason as Error)
				: new IncompleteError(
						deletion.reason,
						`Everything up to ${deletedUntil} UTC is already deleted.`,
					);
		}
		records = deletion.value;
		deletedUntil = part.end_datetime;
	}
	return records.slice(0, 1);
}
