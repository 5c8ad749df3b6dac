import type { IDataObject } from 'n8n-workflow';

import { fetchByPeriod } from '../../shared/lists/dateRange';
import { paginate } from '../../shared/lists/pagination';
import { formatUtc } from '../../shared/time/utc';
import { toPathValues, type PbxClient } from '../../shared/transport/client';
import { extractRecords } from '../../shared/transport/records';
import type { Source } from '../records/sources';

const DAY_MS = 86_400_000;

export interface Reading {
	records: IDataObject[];
	/** The PBX's time before the first record was read, in milliseconds; see `earliestTime`. */
	readAt: number;
}

/**
 * Reads the records from a time until now, over all pages and all periods that the PBX limits.
 *
 * The end of the period is a day ahead of n8n's clock: if the clock of n8n is late, the newest records
 * would be missing.
 *
 * @param from milliseconds
 * @param order of the records by time
 * @param limit maximum number of records
 * @throws RequestError; then nothing counts as read
 */
export async function readRecords(
	client: PbxClient,
	{ list, path: values = {} }: Pick<Source, 'list' | 'path'>,
	from: number,
	order: 'asc' | 'desc' = 'asc',
	limit = Infinity,
): Promise<Reading> {
	const startedAt = Date.now();
	let readAt: number | undefined;
	const path = client.path(list.path, toPathValues(values));
	const fetchPage = async (qs: IDataObject) => {
		const response = await client.request({ method: list.method, path, http: { qs } });
		readAt ??= earliestTime(response.headers.date, startedAt);
		return extractRecords(list, response.body, response.statusCode);
	};
	const query = {
		start_datetime: formatUtc(from),
		end_datetime: formatUtc(startedAt + DAY_MS),
		order,
	};
	const records = await fetchByPeriod(list, query, limit, async (period, partLimit, knownKeys) =>
		list.paged
			? await paginate(async (page) => await fetchPage({ ...query, ...period, ...page }), {
					limit: partLimit,
					knownKeys,
				})
			: await fetchPage({ ...query, ...period }),
	);
	return { records, readAt: readAt ?? startedAt };
}

/**
 * The time of a response by the PBX's clock (header Date, RFC 9110), or n8n's time if that is earlier
 * or there is none. The earlier one is always safe: a window that begins too early only repeats what
 * is known.
 */
export function earliestTime(header: unknown, now: number): number {
	const time = Date.parse(String(header ?? ''));
	return Number.isNaN(time) ? now : Math.min(time, now);
}
