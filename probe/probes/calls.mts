import type { Query, Row } from '../api.mts';
import { client, fieldsOf } from '../api.mts';
import type { PbxContext } from '../context.mts';
import { startOfMonth } from '../dates.mts';
import { formOf, shapeOf } from '../describe.mts';
import { NotAnswerable } from '../errors.mts';
import { confirmed, refuted, verdictOf, type Probe } from '../probe.mts';
import { LAST_PAGE, period, recentPeriodOf } from './periods.mts';

/** How many extensions are searched for a registered phone. */
const MAX_EXTENSIONS = 5;

/** Some recent calls. @throws NotAnswerable */
async function recentCalls(pbx: PbxContext, query: Query = []): Promise<Row[]> {
	const { json } = await pbx.read('calls/', [...recentPeriodOf(pbx), ['per_page', '20'], ...query]);
	const { calls = json } = fieldsOf(json);
	if (!Array.isArray(calls)) throw new NotAnswerable('calls/ returned no list.');
	return calls as Row[];
}

/** The call history and registered phones: endpoints that operators document apart from the API page. */
export const calls: Probe[] = [
	{
		name: 'call-list-shape',
		assumption: '/calls/ returns {"page", "per_page", "order", "calls"}.',
		requests: 1,
		async ask(pbx) {
			const { json } = await pbx.read('calls/', [...recentPeriodOf(pbx), ['per_page', '1']]);
			const fields = fieldsOf(json);
			const isPage =
				Array.isArray(fields.calls) &&
				[fields.page, fields.per_page].every(Number.isInteger) &&
				typeof fields.order === 'string';
			return verdictOf(isPage, () => shapeOf(json));
		},
	},
	{
		name: 'call-order',
		assumption: 'The newest call of /calls/ comes first by default.',
		requests: 1,
		async ask(pbx) {
			const times = (await recentCalls(pbx)).map(({ init_time_gmt: time }) => String(time));
			if (new Set(times).size < 2) throw new NotAnswerable('There are too few recent calls.');
			const isNewestFirst = times.every((time, n) => n === 0 || time <= times[n - 1]);
			return verdictOf(isNewestFirst, () => 'another order of init_time_gmt');
		},
	},
	{
		name: 'call-filters',
		assumption: 'The filters of /calls/ may be repeated: each call has one of the values.',
		requests: 2,
		async ask(pbx) {
			const ids = (await recentCalls(pbx)).map(({ extension_id: id }) => String(id));
			const [a, b] = new Set(ids);
			if (b === undefined) throw new NotAnswerable('It needs recent calls of two extensions.');
			const query: Query = [a, b].map((id) => ['extension_id', id]);
			const found = (await recentCalls(pbx, query)).map(({ extension_id: id }) => String(id));
			if (found.some((id) => id !== a && id !== b)) return refuted('calls of other extensions');
			const hasBoth = found.includes(a) && found.includes(b);
			return verdictOf(hasBoth, () => 'calls of only one of two extensions');
		},
	},
	{
		name: 'call-period',
		assumption: 'Both dates of /calls/ are required, and the period is not limited.',
		requests: 2,
		async ask(pbx) {
			const year = period(startOfMonth(Date.now(), -12), Date.now());
			const long = await pbx.get(client('calls/'), { query: [...year, ['per_page', '1']] });
			if (long.status !== 200) return refuted(`a period of a year: ${pbx.describe(long)}`);
			const open = await pbx.get(client('calls/'), { query: year.slice(0, 1) });
			return verdictOf(open.status === 400, () => `without an end: ${pbx.describe(open)}`);
		},
	},
	{
		name: 'call-stats-shape',
		assumption: '/calls/stats/ returns the number of inbound and outbound calls.',
		requests: 1,
		async ask(pbx) {
			const { json } = await pbx.read('calls/stats/', recentPeriodOf(pbx));
			const { in: inbound, out: outbound } = fieldsOf(json);
			const hasTotals = [inbound, outbound].every((part) => Number.isInteger(fieldsOf(part).total));
			return verdictOf(hasTotals, () => shapeOf(json));
		},
	},
	{
		name: 'registration-expires',
		assumption: 'expires of a registration is a number of seconds.',
		requests: 1 + MAX_EXTENSIONS,
		async ask(pbx) {
			const extensions = await pbx.list('extension/');
			for (const { id } of extensions.slice(0, MAX_EXTENSIONS)) {
				const path = `/extension/${encodeURIComponent(String(id))}/registration/`;
				const { json } = pbx.require(await pbx.get(path), '/extension/…/registration/');
				const { registrations } = fieldsOf(json);
				if (!Array.isArray(registrations)) return refuted(shapeOf(json));
				const [first] = registrations as unknown[];
				if (first === undefined) continue;
				const { expires } = fieldsOf(first);
				return typeof expires === 'string'
					? refuted(`the form ${formOf(expires)}`)
					: verdictOf(Number.isInteger(expires), () => shapeOf(first));
			}
			throw new NotAnswerable(`No phone of ${MAX_EXTENSIONS} extensions is registered.`);
		},
	},
	{
		name: 'message-pages',
		assumption: 'The list of messages has pages.',
		requests: 2 + MAX_EXTENSIONS,
		async ask(pbx) {
			for (const { id } of (await pbx.list('extension/')).slice(0, MAX_EXTENSIONS)) {
				const path = `/extension/${encodeURIComponent(String(id))}/message/`;
				const first = pbx.require(await pbx.get(path), '/extension/…/message/');
				if (!Array.isArray(first.json)) return refuted(shapeOf(first.json));
				if (first.json.length === 0) continue;
				const last = await pbx.get(path, { query: [['page', LAST_PAGE]] });
				const isEmpty = Array.isArray(last.json) && last.json.length === 0;
				return verdictOf(isEmpty || last.status === 404, () => pbx.describe(last));
			}
			throw new NotAnswerable(`${MAX_EXTENSIONS} extensions have no text messages.`);
		},
	},
	{
		name: 'own-extension',
		assumption: '/extension/@me/… gives 404 unless the user is one of an extension.',
		requests: 2,
		async ask(pbx) {
			const user = fieldsOf(pbx.require(await pbx.get('/user/'), '/user/').json);
			const isOfExtension = user.extension_id !== null && user.extension_id !== undefined;
			const response = await pbx.getAny('/extension/@me/registration/');
			if (isOfExtension) return verdictOf(response.status === 200, () => pbx.describe(response));
			return response.status === 404 ? confirmed : refuted(pbx.describe(response));
		},
	},
];
