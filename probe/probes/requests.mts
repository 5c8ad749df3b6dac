import { randomBytes } from 'node:crypto';
import { UNKNOWN_ID, client, fieldsOf } from '../api.mts';
import type { PbxResponse } from '../connection.mts';
import type { PbxContext } from '../context.mts';
import { NotAnswerable } from '../errors.mts';
import { confirmed, refuted, verdictOf, type Probe } from '../probe.mts';

const NOT_FOUND_MESSAGES = ['Not found', 'Record not found'];
/** A well-formed ID of a recording that does not exist. */
const UNKNOWN_RECORD = `1-${'0'.repeat(32)}`;
const SECONDS_PER_HOUR = 3600;
/** Seconds by which the clock in the header `Date` and the reset may differ. */
const CLOCK_TOLERANCE = 5;

/** Format of requests, errors and the hourly limit. */
export const requests: Probe[] = [
	{
		name: 'validation-error',
		assumption: 'A validation error is 400 {"message": "..."} and names the field.',
		requests: 2,
		async ask(pbx) {
			const response = await pbx.get(client('record/'), {
				query: [['end_datetime', '2026-01-01 00:00:00']],
			});
			const { message } = fieldsOf(response.json);
			return verdictOf(
				response.status === 400 && String(message ?? '').includes('start_datetime'),
				() => pbx.describe(response),
			);
		},
	},
	{
		name: 'unknown-parameter',
		assumption: 'Unknown parameters give 400.',
		requests: 2,
		async ask(pbx) {
			const response = await pbx.get(client('extension/'), {
				query: [
					['per_page', '1'],
					['probe_parameter', '1'],
				],
			});
			return verdictOf(response.status === 400, () => pbx.describe(response));
		},
	},
	{
		name: 'trailing-slash',
		assumption:
			'A path works only with the trailing slash as documented. Otherwise it gives 404, or 400 where the path is that of a record with an invalid ID.',
		requests: 8,
		async ask(pbx) {
			const { id } = await pbx.first('extension/');
			const expected = [
				['limit', 404],
				['sound/search', 400],
				[`extension/${String(id)}/`, 404],
			] as const;
			for (const [path, status] of expected) {
				const response = await pbx.get(client(path));
				if (response.status !== status) {
					const shown = path.replace(String(id), '{id}');
					return refuted(`${shown}: ${pbx.describe(response)}`);
				}
			}
			return confirmed;
		},
	},
	{
		name: 'repeated-key',
		assumption: 'Lists in the query repeat the key; id[0]= is an unknown parameter.',
		requests: 6,
		async ask(pbx) {
			const rows = await pbx.list('extension/');
			if (rows.length < 3) throw new NotAnswerable('It needs three extensions.');
			const [a, b] = rows.map(({ id }) => String(id));
			const repeated = await pbx.get(client('extension/'), {
				query: [
					['id', a],
					['id', b],
				],
			});
			if (!hasIds(repeated, [a, b])) return refuted(`id=…&id=…: ${countOf(pbx, repeated)}`);
			const bracket = await pbx.get(client('extension/'), { query: [['id[0]', a]] });
			// Unknown parameters may also be ignored; another probe asks that.
			return verdictOf(!hasIds(bracket, [a]), () => `id[0]=…: ${countOf(pbx, bracket)}`);
		},
	},
	{
		name: 'ani-client',
		assumption: 'The client_id of /ani/ is @me or the number.',
		requests: 6,
		async ask(pbx) {
			const { id } = fieldsOf((await pbx.read('client/')).json);
			for (const clientId of ['@me', String(id)]) {
				const response = await pbx.get(`/client/${clientId}/ani/`);
				if (response.status !== 200) {
					return refuted(`${clientId === '@me' ? '@me' : 'the number'}: ${pbx.describe(response)}`);
				}
			}
			return confirmed;
		},
	},
	{
		name: 'check-order',
		assumption: 'The token is checked before the client, and the client before the contract.',
		requests: 4,
		async ask(pbx) {
			const path = `/client/${UNKNOWN_ID}/extension/`;
			const query: Array<[string, string]> = [['page', 'probe']];
			const token = randomBytes(16).toString('hex');
			const wrongToken = await pbx.getAny(path, { query, token });
			if (wrongToken.status !== 401) return refuted(`wrong token: ${pbx.describe(wrongToken)}`);
			const otherClient = await pbx.getAny(path, { query });
			return verdictOf([403, 404].includes(otherClient.status), () => pbx.describe(otherClient));
		},
	},
	{
		name: 'not-found-message',
		assumption: 'The message of a 404 is "Not found" or "Record not found".',
		requests: 4,
		async ask(pbx) {
			for (const path of [`extension/${UNKNOWN_ID}`, `record/${UNKNOWN_RECORD}/storage_url/`]) {
				const response = await pbx.get(client(path));
				const { message } = fieldsOf(response.json);
				if (response.status !== 404 || !NOT_FOUND_MESSAGES.includes(String(message))) {
					return refuted(pbx.describe(response));
				}
			}
			return confirmed;
		},
	},
	{
		name: 'other-client',
		assumption: 'Another client gives 404 with client_not_found.',
		requests: 2,
		async ask(pbx) {
			// A user without access to the own client learns nothing from another one.
			await pbx.read('extension/');
			const response = await pbx.getAny(`/client/${UNKNOWN_ID}/extension/`);
			return verdictOf(
				response.status === 404 && fieldsOf(response.json).status === 'client_not_found',
				() => pbx.describe(response),
			);
		},
	},
	{
		name: 'limit-headers',
		assumption: 'The hourly limit is per clock hour and given in three headers.',
		requests: 2,
		async ask(pbx) {
			const { headers } = await pbx.get(client('limit/'));
			const names = ['limit', 'remaining', 'reset'];
			const missing = names.filter(
				(name) => !/^\d+$/.test(headers.get(`x-ratelimit-${name}`) ?? ''),
			);
			if (missing.length > 0) return refuted(`no X-RateLimit header for ${missing.join(', ')}`);
			const reset = Number(headers.get('x-ratelimit-reset'));
			if (reset > SECONDS_PER_HOUR) return refuted(`a reset of ${formOfNumber(reset)} seconds`);
			const date = Date.parse(headers.get('date') ?? '') / 1000;
			if (Number.isNaN(date)) throw new NotAnswerable('The response has no Date header.');
			const fromFullHour = (date + reset) % SECONDS_PER_HOUR;
			const distance = Math.min(fromFullHour, SECONDS_PER_HOUR - fromFullHour);
			return verdictOf(
				distance <= CLOCK_TOLERANCE,
				() => `a reset ${Math.round(distance / 60)} minutes from the full hour`,
			);
		},
	},
	{
		name: 'limit-counting',
		assumption:
			'The hourly limit counts all API requests, including refused ones, but no token requests.',
		requests: 16,
		async ask(pbx) {
			const refused: number[] = [];
			const withToken: number[] = [];
			// Others share the limit, so a difference may be too large by chance, but never too small.
			for (let cycle = 0; cycle < 3; cycle++) {
				const first = remaining(await pbx.get(client('limit/')));
				const second = remaining(await pbx.getAny(`/client/${UNKNOWN_ID}/extension/`));
				await pbx.connection.requestToken(new URLSearchParams({ grant_type: 'probe' }));
				const third = remaining(await pbx.get(client('limit/')));
				if (first >= second) refused.push(first - second);
				if (second >= third) withToken.push(second - third);
				if (Math.min(...refused) <= 1 && Math.min(...withToken) <= 1) break;
			}
			if (refused.length === 0 || withToken.length === 0) {
				throw new NotAnswerable('The limit was reset meanwhile.');
			}
			if (Math.min(...refused) === 0) return refuted('a refused request is not counted');
			if (Math.min(...withToken) === 0) return refuted('a request is not counted');
			const isShared = (steps: number[], alone: number) => steps.some((step) => step !== alone);
			if (Math.min(...withToken) === 1 && Math.min(...refused) === 1) return confirmed;
			if (Math.min(...refused) > 1 || isShared(withToken, 2)) {
				throw new NotAnswerable('Other applications use the limit at the same time.');
			}
			return refuted('a token request is counted');
		},
	},
];

/** @throws NotAnswerable if the response does not tell */
function remaining({ headers }: PbxResponse): number {
	const text = headers.get('x-ratelimit-remaining');
	if (text === null)
		throw new NotAnswerable('The responses do not tell how much of the limit is left.');
	return Number(text);
}

function hasIds({ json }: PbxResponse, ids: string[]): boolean {
	if (!Array.isArray(json)) return false;
	const found = json.map((row) => String(fieldsOf(row).id));
	return found.length === ids.length && ids.every((id) => found.includes(id));
}

const countOf = (pbx: PbxContext, response: PbxResponse) =>
	Array.isArray(response.json) ? `records: ${response.json.length}` : pbx.describe(response);

const formOfNumber = (value: number) => String(value).replace(/\d/g, '#');
