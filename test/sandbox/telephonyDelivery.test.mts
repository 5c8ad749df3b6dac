import { Deliverer } from '../../sandbox/telephony/delivery.mts';
import { startReceiver, type Receiver } from './telephonyBench.mts';

const tick = async (ms: number) => await new Promise((done) => setTimeout(done, ms));

let receiver: Receiver;
let deliverer: Deliverer;

beforeEach(async () => {
	receiver = await startReceiver();
	deliverer = new Deliverer({ now: () => 5, concurrency: 8, timeoutMs: 200, logLimit: 100 });
});
afterEach(async () => {
	deliverer.stop();
	await receiver.close();
});

const request = (more: object) => ({
	event: 'answer',
	lane: 'leg',
	url: `${receiver.url}/hook`,
	method: 'POST' as const,
	fields: { EventType: 'answer' },
	...more,
});

describe('deliveries', () => {
	it('carries the fields in the body of a POST and in the query of a GET', async () => {
		const fields = { CallerIDName: 'Ünal & Söhne = 100 %', CallerIDNum: '+12025550100' };
		const url = `${receiver.url}/hook?secret=a%2Bb`;
		const posted = await deliverer.send(request({ fields, url }));
		const got = await deliverer.send(request({ fields, url, method: 'GET' }));
		const bare = await deliverer.send(request({ fields, method: 'GET' }));
		expect([posted.status, got.status, bare.status]).toEqual([200, 200, 200]);
		expect(receiver.requests).toEqual([
			{
				method: 'POST',
				path: '/hook',
				query: { secret: 'a+b' },
				body: fields,
				contentType: 'application/x-www-form-urlencoded',
			},
			{
				method: 'GET',
				path: '/hook',
				query: { secret: 'a+b', ...fields },
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

	it('keeps the order within a lane, runs lanes side by side, and never more than it may', async () => {
		receiver.answer = async (_request, response) => {
			await tick(5);
			response.end();
		};
		for (let n = 0; n < 20; n++) {
			for (let lane = 0; lane < 12; lane++) {
				void deliverer.send(request({ lane: `leg ${lane}`, fields: { lane, n } }));
			}
		}
		await deliverer.idle();
		expect(receiver.requests).toHaveLength(240);
		for (let lane = 0; lane < 12; lane++) {
			const mine = receiver.requests.filter(({ body }) => body.lane === String(lane));
			expect(mine.map(({ body }) => Number(body.n))).toEqual([...Array(20).keys()]);
		}
		expect(receiver.load.most).toBe(8);
	});

	it('reports what went wrong, and goes on', async () => {
		receiver.answer = async ({ path }, response) => {
			if (path === '/500') response.writeHead(500).end('no');
			else if (path === '/moved') response.writeHead(302, { location: '/hook' }).end();
			else if (path === '/cut') response.socket!.destroy();
			else if (path === '/half') {
				response.writeHead(200, { 'content-length': 100 }).write('half');
				response.socket!.end();
			} else if (path !== '/silent') response.end();
		};
		const closed = await startReceiver();
		await closed.close();
		const urls = ['/500', '/moved', '/cut', '/half', '/silent', '/hook'].map(
			(p) => receiver.url + p,
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
		// Nothing is repeated, a redirect is not followed.
		expect(receiver.requests).toHaveLength(6);
	});

	it('forgets the oldest entries of the log, not the newest', async () => {
		for (let n = 0; n < 130; n++) void deliverer.send(request({ lane: `leg ${n}` }));
		await deliverer.idle();
		expect(deliverer.log.length).toBeLessThanOrEqual(100);
		expect(deliverer.log.at(-1)!.n).toBe(130);
		expect(deliverer.log[0].n).toBe(131 - deliverer.log.length);
		deliverer.clearLog();
		expect(deliverer.log).toHaveLength(0);
	});

	it('gives everything up when stopped, and works again afterwards', async () => {
		receiver.answer = () => undefined;
		const sent = Array.from({ length: 20 }, async (_, n) =>
			deliverer.send(request({ lane: `leg ${n % 10}` })),
		);
		await tick(50);
		deliverer.stop();
		const results = await Promise.all(sent);
		expect(results.every(({ status, error }) => status === null && error !== null)).toBe(true);
		expect(receiver.requests.length).toBe(8);
		expect(results.filter(({ error }) => error === 'stopped')).toHaveLength(12);
		receiver.answer = (_request, response) => void response.end();
		expect((await deliverer.send(request({}))).status).toBe(200);
	});
});
