import { Deliverer } from '../../sandbox/telephony/delivery.mts';
import { setupTimers } from '../harness/timers.mts';
import { startReceiver, type Receiver } from './support/telephonyFixture.mts';

const DELIVERY_TIMEOUT_MS = 10_000;

const timers = setupTimers();
let receiver: Receiver;
let deliverer: Deliverer;

beforeEach(async () => {
	receiver = await startReceiver();
	deliverer = new Deliverer({ now: () => 5, concurrency: 8, logLimit: 100 });
});
afterEach(async () => {
	deliverer.stop();
	await receiver.close();
});

const request = (fields: object) => ({
	event: 'answer',
	orderingKey: 'leg',
	url: `${receiver.url}/hook`,
	method: 'POST' as const,
	fields: { EventType: 'answer' },
	...fields,
});

describe('deliveries', () => {
	it('sends the fields of an event in the body of a POST and in the query of a GET', async () => {
		const fields = { CallerIDName: 'Ünal & Söhne = 100 %', CallerIDNum: '+12025550100' };
		const url = `${receiver.url}/hook?secret=a%2Bb`;
		const posted = await deliverer.send(request({ fields, url }));
		const fetched = await deliverer.send(request({ fields, url, method: 'GET' }));
		const withoutQuery = await deliverer.send(request({ fields, method: 'GET' }));
		expect([posted.status, fetched.status, withoutQuery.status]).toEqual([200, 200, 200]);
		expect(receiver.requests).toEqual([
			{
				method: 'POST',
				target: '/hook?secret=a%2Bb',
				path: '/hook',
				query: { secret: 'a+b' },
				text: new URLSearchParams(fields).toString(),
				body: fields,
				contentType: 'application/x-www-form-urlencoded',
			},
			{
				method: 'GET',
				target: `/hook?secret=a%2Bb&${new URLSearchParams(fields).toString()}`,
				path: '/hook',
				query: { secret: 'a+b', ...fields },
				text: '',
				body: {},
				contentType: undefined,
			},
			expect.objectContaining({ method: 'GET', query: fields }),
		]);
		expect(deliverer.log.map(({ n, at, status }) => [n, at, status])).toEqual([
			[1, 5, 200],
			[2, 5, 200],
			[3, 5, 200],
		]);
	});

	it('sends JSON as the body of a POST, and neither body nor content type without fields', async () => {
		const json = { name: 'Zoë', attempt: 1, variables: { order: 17 } };
		const url = `${receiver.url}/hook?key=1`;
		await deliverer.send(request({ url, fields: {}, json }));
		await deliverer.send(request({ url, fields: {} }));
		await deliverer.send(request({ url, fields: {}, method: 'GET' }));
		expect(
			receiver.requests.map(({ method, target, contentType, text }) => [
				method,
				target,
				contentType,
				text,
			]),
		).toEqual([
			['POST', '/hook?key=1', 'application/json', JSON.stringify(json)],
			['POST', '/hook?key=1', undefined, ''],
			['GET', '/hook?key=1', undefined, ''],
		]);
		expect(deliverer.log[0]).toMatchObject({ fields: {}, json, status: 200 });
	});

	it('sends deliveries of one key in order, and those of different keys concurrently up to a limit', async () => {
		const waiting: Array<() => void> = [];
		// The first eight responses wait for each other, so that these requests are concurrent.
		receiver.respond = async (_request, response) => {
			if (receiver.requests.length < 8) await new Promise<void>((go) => waiting.push(go));
			else for (const go of waiting.splice(0)) go();
			response.end();
		};
		for (let n = 0; n < 20; n++) {
			for (let key = 0; key < 12; key++) {
				void deliverer.send(request({ orderingKey: `leg ${key}`, fields: { key, n } }));
			}
		}
		await deliverer.idle();
		expect(receiver.requests).toHaveLength(240);
		for (let key = 0; key < 12; key++) {
			const requests = receiver.requests.filter(({ body }) => body.key === String(key));
			expect(requests.map(({ body }) => Number(body.n))).toEqual([...Array(20).keys()]);
		}
		expect(receiver.load.max).toBe(8);
	});

	it('reports errors of deliveries and continues with the next ones', async () => {
		receiver.respond = async ({ path }, response) => {
			if (path === '/500') response.writeHead(500).end('no');
			else if (path === '/moved') response.writeHead(302, { location: '/hook' }).end();
			else if (path === '/cut') response.socket!.destroy();
			else if (path === '/half') {
				response.writeHead(200, { 'content-length': 100 }).write('half');
				response.socket!.end();
			} else if (path === '/silent') timers.fire(DELIVERY_TIMEOUT_MS);
			else response.end();
		};
		const closed = await startReceiver();
		await closed.close();
		const urls = ['/500', '/moved', '/cut', '/half', '/silent', '/hook'].map(
			(path) => receiver.url + path,
		);
		const sent = [...urls, `${closed.url}/x`, 'ftp://127.0.0.1/x', 'nonsense'].map(
			async (url) => await deliverer.send(request({ url })),
		);
		const results = await Promise.all(sent);
		expect(results.map(({ status, error }) => status ?? error)).toEqual([
			500,
			302,
			'ECONNRESET',
			expect.stringMatching(/ECONNRESET|cut off/),
			'timeout',
			200,
			'ECONNREFUSED',
			'not http',
			'ERR_INVALID_URL',
		]);
		// There are no retries, and the redirect is not followed.
		expect(receiver.requests).toHaveLength(6);
	});

	it('drops the oldest deliveries from a full log', async () => {
		for (let n = 0; n < 130; n++) void deliverer.send(request({ orderingKey: `leg ${n}` }));
		await deliverer.idle();
		expect(deliverer.log.length).toBeLessThanOrEqual(100);
		expect(deliverer.log.at(-1)!.n).toBe(130);
		expect(deliverer.log[0].n).toBe(131 - deliverer.log.length);
		deliverer.clearLog();
		expect(deliverer.log).toHaveLength(0);
	});

	it('cancels all deliveries when it is stopped, and can be used again afterwards', async () => {
		const eightRequests = new Promise<void>((resolve) => {
			receiver.respond = () => {
				if (receiver.requests.length === 8) resolve();
			};
		});
		const sent = Array.from({ length: 20 }, async (_, n) =>
			deliverer.send(request({ orderingKey: `leg ${n % 10}` })),
		);
		await eightRequests;
		deliverer.stop();
		const results = await Promise.all(sent);
		expect(results.every(({ status, error }) => status === null && error !== null)).toBe(true);
		expect(receiver.requests.length).toBe(8);
		expect(results.filter(({ error }) => error === 'stopped')).toHaveLength(12);
		receiver.respond = (_request, response) => void response.end();
		expect((await deliverer.send(request({}))).status).toBe(200);
	});
});
