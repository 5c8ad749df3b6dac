import type { IDataObject } from 'n8n-workflow';

import type { Operation } from '../../shared/schema/operation';
import { ValidationError } from '../../shared/parameters/serialize';

/** A period on the wire: `YYYY-MM-DD HH:MM:SS` in UTC. */
export type Period = { start_datetime: string; end_datetime: string };

const SECOND_MS = 1000;
const LONGEST_YEARS = 10;

const toMs = (stamp: string) => Date.parse(`${stamp.replace(' ', 'T')}Z`);
const toStamp = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** The last second of the month after the one in which the moment lies. */
function furthestEnd(ms: number) {
	const date = new Date(ms);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 1) - SECOND_MS;
}

/**
 * Cuts a period into parts that the PBX takes, oldest first: the end of each lies no later than the
 * last day of the month after its start (RingMe documentation of recordings; for voicemail it says
 * "within two months", which is never shorter).
 *
 * A part starts one second before the end of the one before it. Times of the PBX have fractions of a
 * second that a request cannot name, so what happened at 23:59:59.5 would else fall between two parts.
 *
 * @throws InputProblem where the period ends before it starts, or is so long that reading it would
 * use up the hourly request limit
 */
export function split({ start_datetime, end_datetime }: Period): Period[] {
	const end = toMs(end_datetime);
	let start = toMs(start_datetime);
	if (end < start) {
		throw new ValidationError(
			`The period ends (${end_datetime} UTC) before it starts (${start_datetime} UTC)`,
			'Exchange the two dates, or correct one.',
		);
	}
	if (new Date(end).getUTCFullYear() - new Date(start).getUTCFullYear() > LONGEST_YEARS) {
		throw new ValidationError(
			`The period is longer than ${LONGEST_YEARS} years`,
			'The PBX gives at most two months in one request, so a period this long takes too many. Choose a later start or an earlier end.',
		);
	}
	const parts: Period[] = [];
	for (;;) {
		const partEnd = Math.min(end, furthestEnd(start));
		parts.push({ start_datetime: toStamp(start), end_datetime: toStamp(partEnd) });
		if (partEnd === end) return parts;
		start = partEnd - SECOND_MS;
	}
}

/** What two neighbouring parts have in common. */
export const overlaps = (parts: Period[]): Period[] =>
	parts.slice(1).map(({ start_datetime }, index) => ({
		start_datetime,
		end_datetime: parts[index].end_datetime,
	}));

/**
 * The numbers of a period from those of its parts: added, less what two parts both counted.
 * Everything that is not a number is taken from the first part.
 */
export function total(parts: IDataObject[], counted2: IDataObject[]): IDataObject {
	const sum = (records: IDataObject[], key: string) =>
		records.reduce((all, record) => all + (Number(record[key]) || 0), 0);
	return Object.fromEntries(
		Object.entries(parts[0] ?? {}).map(([key, value]) => [
			key,
			typeof value === 'number' ? sum(parts, key) - sum(counted2, key) : value,
		]),
	);
}

/**
 * Asks for one period: at most so many records, without those already known. What it gives is
 * added to the known ones.
 */
export type Ask = (query: IDataObject, most: number, known: Set<string>) => Promise<IDataObject[]>;

/**
 * Does an operation over a period of any length, in as few requests as the PBX allows: lists are
 * joined in the order that was asked for, statistics are added up, deletions follow one another.
 *
 * @param most how many records are wanted
 * @param progress told what is done so far, where that outlives a failure
 */
export async function overPeriod(
	row: Operation,
	query: IDataObject,
	most: number,
	ask: Ask,
	progress: (words: string) => void,
): Promise<IDataObject[]> {
	const { start_datetime, end_datetime } = query as Partial<Period>;
	const known = new Set<string>();
	if (!start_datetime || !end_datetime) return await ask({}, most, known);
	const parts = split({ start_datetime, end_datetime });
	const each = async (periods: Period[], wanted = Infinity) => {
		const records: IDataObject[] = [];
		for (const period of periods) {
			if (records.length >= wanted) break;
			records.push(...(await ask(period, wanted - records.length, known)));
			if (row.result === 'deleted') {
				progress(`Everything up to ${period.end_datetime} UTC is removed already.`);
			}
		}
		return records;
	};
	if (row.result === 'list') {
		return await each(query.order === 'asc' ? parts : parts.reverse(), most);
	}
	if (row.result === 'deleted') return (await each(parts)).slice(0, 1);
	return [total(await each(parts), await each(overlaps(parts)))];
}
