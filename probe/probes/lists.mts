import type { Query, Row } from '../api.mts';
import { client, fieldsOf } from '../api.mts';
import type { PbxContext } from '../context.mts';
import { parseUtc, startOfMonth, zoneOffset } from '../dates.mts';
import { formOf, shapeOf } from '../describe.mts';
import { NotAnswerable } from '../errors.mts';
import { confirmed, refuted, verdictOf, type Probe } from '../probe.mts';
import { LAST_PAGE, period, recentPeriodOf } from './periods.mts';

const DAY_MS = 86_400_000;
/** Half of the period in which a recording is looked for. */
const WINDOW_MS = 5000;
/** Some recent recordings. @throws NotAnswerable */
const recordings = async (pbx: PbxContext): Promise<Row[]> =>
	await pbx.list('record/', [...recentPeriodOf(pbx), ['per_page', '20']]);

/** A recent recording whose start has no fraction of a second. @throws NotAnswerable */
async function sampleRecording(pbx: PbxContext): Promise<{ uuid: string; startedAt: number }> {
	for (const row of await recordings(pbx)) {
		const init = String(row.init_time_gmt);
		const uuid = String(row.record_uuid);
		if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(init)) return { uuid, startedAt: parseUtc(init) };
	}
	throw new NotAnswerable('There is no recent recording, or none that starts at a full second.');
}

/** Whether the recordings of a period include this one. Dates are taken as UTC. */
async function includes(
	pbx: PbxContext,
	uuid: string,
	start: number,
	end: number,
): Promise<boolean> {
	const rows = await pbx.list('record/', [...period(start, end), ['per_page', '20']]);
	return rows.some((row) => row.record_uuid === uuid);
}

const around = async (pbx: PbxContext, uuid: string, ms: number) =>
	await includes(pbx, uuid, ms - WINDOW_MS, ms + WINDOW_MS);

/** Milliseconds by which the time zone of the client is ahead of UTC. */
async function clientOffset(pbx: PbxContext, ms: number): Promise<number> {
	const { timezone } = fieldsOf((await pbx.read('client/')).json);
	return zoneOffset(String(timezone), ms) ?? 0;
}

/** Pages, periods, recordings, sounds and variables. */
export const lists: Probe[] = [
	{
		name: 'per-page-default',
		assumption: 'per_page is 20 by default.',
		requests: 2,
		async ask(pbx) {
			const first = await pbx.list('record/', recentPeriodOf(pbx));
			const second = await pbx.list('record/', [...recentPeriodOf(pbx), ['page', '2']]);
			if (second.length === 0) throw new NotAnswerable('There are too few recent recordings.');
			return verdictOf(first.length === 20, () => `${first.length} records`);
		},
	},
	{
		name: 'per-page-maximum',
		assumption: 'per_page is silently limited to 100.',
		requests: 2,
		async ask(pbx) {
			const perPage: Query = [...recentPeriodOf(pbx), ['per_page', '101']];
			const response = await pbx.get(client('record/'), { query: perPage });
			if (response.status >= 400) return refuted(pbx.describe(response));
			const rows = response.json;
			if (!Array.isArray(rows)) throw new NotAnswerable('record/ returned no list.');
			if (rows.length >= 100) return verdictOf(rows.length === 100, () => `${rows.length} records`);
			const next = await pbx.list('record/', [...perPage, ['page', '2']]);
			if (next.length === 0) throw new NotAnswerable('There are too few recent recordings.');
			return refuted(`${rows.length} records, and more on the next page`);
		},
	},
	{
		name: 'page-after-last',
		assumption: 'A page after the last one is [].',
		requests: 1,
		async ask(pbx) {
			const response = await pbx.get(client('extension/'), { query: [['page', LAST_PAGE]] });
			const isEmpty =
				response.status === 200 && Array.isArray(response.json) && response.json.length === 0;
			return verdictOf(isEmpty, () => pbx.describe(response));
		},
	},
	{
		name: 'dates-utc',
		assumption: 'Dates in requests are UTC.',
		requests: 4,
		async ask(pbx) {
			const { uuid, startedAt } = await sampleRecording(pbx);
			if (await around(pbx, uuid, startedAt)) return confirmed;
			const offset = await clientOffset(pbx, startedAt);
			if (offset !== 0 && (await around(pbx, uuid, startedAt + offset))) {
				return refuted('a recording is found by its time in the time zone of the client');
			}
			throw new NotAnswerable('A recording is not found by its own time.');
		},
	},
	{
		name: 'period-bounds',
		assumption: 'A period selects recordings by init_time_gmt, both ends included.',
		requests: 5,
		async ask(pbx) {
			const { uuid, startedAt } = await sampleRecording(pbx);
			let time = startedAt;
			if (!(await around(pbx, uuid, time))) {
				time += await clientOffset(pbx, startedAt);
				if (time === startedAt || !(await around(pbx, uuid, time))) {
					throw new NotAnswerable('A recording is not found by its own time.');
				}
			}
			return verdictOf(
				await includes(pbx, uuid, time, time),
				() => 'a recording is missing in the period that starts and ends with its init_time_gmt',
			);
		},
	},
	{
		name: 'future-end',
		assumption: 'A period may end in the future.',
		requests: 2,
		async ask(pbx) {
			const query = period(Date.now() - DAY_MS, Date.now() + DAY_MS);
			const response = await pbx.get(client('record/'), { query: [...query, ['per_page', '1']] });
			return verdictOf(response.status === 200, () => pbx.describe(response));
		},
	},
	{
		name: 'record-period',
		assumption:
			'The period of /record/ must end by the last day of the month after its start. A longer one gives 400.',
		requests: 2,
		async ask(pbx) {
			const start = startOfMonth(Date.now(), -2);
			const end = startOfMonth(Date.now(), 0);
			const longest = await pbx.get(client('record/'), {
				query: [...period(start, end - 1000), ['per_page', '1']],
			});
			if (longest.status !== 200) return refuted(`the longest period: ${pbx.describe(longest)}`);
			const longer = await pbx.get(client('record/'), {
				query: [...period(start, end + DAY_MS), ['per_page', '1']],
			});
			return verdictOf(longer.status === 400, () => `a longer period: ${pbx.describe(longer)}`);
		},
	},
	{
		name: 'stats-period',
		assumption: 'The period of statistics is not limited.',
		requests: 1,
		async ask(pbx) {
			const response = await pbx.get(client('record/stats/'), {
				query: period(startOfMonth(Date.now(), -12), Date.now()),
			});
			return verdictOf(response.status === 200, () => pbx.describe(response));
		},
	},
	{
		name: 'stats-shape',
		assumption: '/record/stats/ returns one object.',
		requests: 1,
		async ask(pbx) {
			const { json } = await pbx.read('record/stats/', recentPeriodOf(pbx));
			const isObject = Object.keys(fieldsOf(json)).length > 0;
			return verdictOf(isObject, () => shapeOf(json));
		},
	},
	{
		name: 'stats-concurrent',
		assumption:
			'A second /record/stats/ request during the first one gives 429, and does not count as the hourly limit.',
		requests: 6,
		async ask(pbx) {
			const query = recentPeriodOf(pbx);
			for (let round = 0; round < 3; round++) {
				const responses = await pbx.connection.together(
					async () =>
						await Promise.all(
							[0, 1].map(async () => await pbx.get(client('record/stats/'), { query })),
						),
				);
				const refusal = responses.find(({ status }) => status !== 200);
				if (refusal) return verdictOf(refusal.status === 429, () => pbx.describe(refusal));
			}
			throw new NotAnswerable('The requests may have been too fast to meet each other.');
		},
	},
	{
		name: 'record-path',
		assumption: '/record/{uuid}/path/ returns {"path": "/records/2026/01/15/<uuid>.mp3"}.',
		requests: 2,
		async ask(pbx) {
			const { uuid } = await sampleRecording(pbx);
			const { json } = await pbx.read(`record/${encodeURIComponent(uuid)}/path/`);
			const { path } = fieldsOf(json);
			if (typeof path !== 'string') return refuted(shapeOf(json));
			const shown = formOf(path.replace(new RegExp(uuid, 'i'), '<uuid>'));
			return verdictOf(
				/^\/records\/\d{4}\/\d\d\/\d\d\/<uuid>\.(mp3|wav)$/i.test(
					path.replace(new RegExp(uuid, 'i'), '<uuid>'),
				),
				() => `the form ${shown}`,
			);
		},
	},
	{
		name: 'record-fields',
		assumption: 'record_transfer is null, file_name is <uuid>.mp3.',
		requests: 1,
		async ask(pbx) {
			const rows = await recordings(pbx);
			if (rows.length === 0) throw new NotAnswerable('There is no recent recording.');
			for (const { record_uuid: uuid, file_name: name, record_transfer: transfer } of rows) {
				if (transfer !== null) return refuted(`record_transfer: ${shapeOf(transfer)}`);
				const text = String(name);
				const stem = text.replace(/\.(mp3|wav)$/, '');
				if (stem === text || stem.toLowerCase() !== String(uuid).toLowerCase()) {
					return refuted(`file_name: ${typeof name === 'string' ? formOf(name) : shapeOf(name)}`);
				}
			}
			return confirmed;
		},
	},
	{
		name: 'record-case',
		assumption: 'A recording is found by its uuid in upper or lower case.',
		requests: 3,
		async ask(pbx) {
			const { uuid } = await sampleRecording(pbx);
			for (const id of [uuid.toUpperCase(), uuid.toLowerCase()]) {
				const response = await pbx.get(client(`record/${encodeURIComponent(id)}/storage_url/`));
				const letters = id === uuid.toUpperCase() ? 'upper' : 'lower';
				if (response.status !== 200) return refuted(`${letters} case: ${pbx.describe(response)}`);
			}
			return confirmed;
		},
	},
	{
		name: 'sound-file',
		assumption: 'A sound is a WAV or MP3 file with a stored name in .wav or .mp3.',
		requests: 2,
		async ask(pbx) {
			const { id, filename } = await pbx.first('sound/');
			const response = pbx.require(
				await pbx.get(client(`sound/${String(id)}/download/`)),
				'sound/{id}/download/',
			);
			if (!/\.(wav|mp3)$/i.test(String(filename)))
				return refuted(`the name ${formOf(String(filename))}`);
			const type = response.headers.get('content-type')?.split(';', 1)[0] ?? 'no type';
			return verdictOf(isAudio(response.body), () => `no WAV or MP3 file, but ${type}`);
		},
	},
	{
		name: 'operator-sounds',
		assumption: 'Sounds of the operator (dealer_id) can be read. own_only leaves them out.',
		requests: 3,
		async ask(pbx) {
			const isOperators = ({ dealer_id: dealer, client_id: owner }: Row) =>
				typeof dealer === 'number' && (owner === null || owner === undefined);
			const sound = (await pbx.list('sound/')).find(isOperators);
			if (!sound) throw new NotAnswerable('The operator has no sounds.');
			const response = await pbx.get(client(`sound/${String(sound.id)}`));
			if (response.status !== 200) return refuted(pbx.describe(response));
			const own = await pbx.list('sound/', [['own_only', 'true']]);
			return verdictOf(!own.some(isOperators), () => 'own_only includes a sound of the operator');
		},
	},
	{
		name: 'sound-search',
		assumption: '/sound/search/ returns only total_count.',
		requests: 1,
		async ask(pbx) {
			const { json } = await pbx.read('sound/search/');
			const names = Object.keys(fieldsOf(json));
			return verdictOf(names.join() === 'total_count', () => shapeOf(json));
		},
	},
	{
		name: 'variables',
		assumption: '/variables/ returns {"variables": [{"var", "value"}]}.',
		requests: 1,
		async ask(pbx) {
			const { json } = await pbx.read('variables/');
			const { variables } = fieldsOf(json);
			if (!Array.isArray(variables)) return refuted(shapeOf(json));
			if (variables.length === 0) throw new NotAnswerable('The client has no variables.');
			const isExpected = variables.every((row) => {
				const fields = fieldsOf(row);
				return 'var' in fields && 'value' in fields;
			});
			return verdictOf(isExpected, () => shapeOf(json));
		},
	},
];

/** Whether a file begins like a WAV or an MP3 file, with or without an ID3 tag. */
function isAudio(file: Buffer): boolean {
	const start = file.subarray(0, 3).toString('latin1');
	if (file.subarray(0, 4).toString('latin1') === 'RIFF' || start === 'ID3') return true;
	return file[0] === 0xff && (file[1] & 0xe0) === 0xe0;
}
