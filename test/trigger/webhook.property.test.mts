// Requests in every odd form: a webhook never throws, and a signed report is never lost.

import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import { ReportSigner, reportSecretOf } from '../../nodes/shared/taskReports/taskReport';
import { oAuth2 } from '../harness/fixture.mts';
import type { Trigger } from '../harness/trigger.mts';
import { createTriggerFixture, FORM, secretOf, type TriggerFixture } from './fixture.mts';

let fixture: TriggerFixture;
beforeAll(async () => (fixture = await createTriggerFixture()));
afterAll(async () => await fixture.close());

const EVENT_FIELDS =
	'EventType EventTime CallID SubCallID CallAPIID CallFlow CallStatus CallerIDNum CallerExtension CalledExtension CalledExtensionID Duration Bridged BridgedDuration RecID Tag event_type agent_status old_status_id status text id task task_id TaskID variables constructor __proto__ toString'.split(
		' ',
	);
const names = fc.oneof(
	fc.constantFrom(...EVENT_FIELDS),
	fc.string({ unit: 'binary', maxLength: 12 }),
);
const texts = fc.oneof(
	fc.constantFrom(
		'',
		'None',
		'null',
		'hangup',
		'in',
		'0',
		'-1',
		'1e3',
		'9'.repeat(30),
		'٣',
		'1844*101@x',
	),
	fc.string({ unit: 'binary', maxLength: 30 }),
	fc.double().map(String),
);
/** The brackets make lists and objects: `a[]`, `a[0]`, `a[b][c]`, `a[__proto__]`. */
const brackets = fc.oneof(
	{ weight: 4, arbitrary: fc.constant('') },
	fc.constantFrom('[]', '[0]', '[1000]', '[toString]', '[__proto__][x]', '[a][b]', '[', ']'),
);
const pair = fc
	.tuple(names, brackets, texts)
	.map(
		([name, bracket, text]) => `${encodeURIComponent(name)}${bracket}=${encodeURIComponent(text)}`,
	);
/** Also with bytes that are no UTF-8, and percent signs that encode nothing. */
const form = fc
	.array(
		fc.oneof(
			{ weight: 5, arbitrary: pair },
			fc.constantFrom('%', '%zz=%', 'a=%CF%F0%E8', 'a=%00', '=', '&', 'a', '+'),
		),
		{
			maxLength: 12,
		},
	)
	.map((parts) => parts.join('&'));
const json = fc.oneof(
	fc.json(),
	fc.object({ key: names, maxDepth: 4 }).map((value) => JSON.stringify(value)),
	fc.constantFrom('{', '', 'null', '[]', '0', '"x"'),
);

interface Odd {
	method: string;
	query: string;
	body?: string;
	type: string;
}

const requests: fc.Arbitrary<Odd> = fc.oneof(
	fc.record({ method: fc.constant('GET'), query: form, type: fc.constant(FORM) }),
	fc.record({
		method: fc.constant('POST'),
		query: form,
		body: fc.oneof(form, json),
		type: fc.constantFrom(
			FORM,
			`${FORM}; charset=utf-8`,
			'application/json',
			'text/plain',
			'text/xml',
			'application/octet-stream',
			'',
		),
	}),
);

/** Sends a request to the URL of a trigger with parameters of its own. */
async function send(trigger: Trigger, own: string, { method, query, body, type }: Odd) {
	const url = `${trigger.url(method === 'GET' && own !== '' ? 'setup' : 'default')}?${own}&${query}`;
	const response = await fetch(url, {
		method,
		body,
		headers: type ? { 'content-type': type } : {},
	});
	await response.text();
	return response.status;
}

/** n8n itself refuses a body that it cannot parse, before the node sees the request. */
const isReadable = ({ body, type }: Odd) => {
	if (body === undefined || !type.startsWith('application/json')) return type !== 'text/xml';
	try {
		return typeof JSON.parse(body || '{}') === 'object';
	} catch {
		return false;
	}
};

const errorsOf = (trigger: Trigger) => trigger.deliveries.flatMap(({ error }) => error ?? []);

describe('a request in any form', () => {
	it('never makes the RingMe Trigger fail, with the secret and without it', async () => {
		const trigger = await fixture.openTrigger({ events: ['dial-in', 'hangup'] as never });
		await trigger.activate();
		const own = [`secret=${secretOf(trigger)}`, 'secret=guess', `secret=${secretOf(trigger)}?a=b`];
		await fc.assert(
			fc.asyncProperty(
				requests.filter(isReadable),
				fc.constantFrom(...own),
				async (request, secret) => {
					const status = await send(trigger, secret, request);
					expect([200, 400, 401]).toContain(status);
					expect(errorsOf(trigger)).toEqual([]);
				},
			),
			{ numRuns: 150 },
		);
	});

	it('never makes the RingMe Call Trigger fail, and always gets XML', async () => {
		const trigger = await fixture.engine.trigger({ node: 'ringMeCallTrigger' });
		try {
			await fc.assert(
				fc.asyncProperty(requests.filter(isReadable), async (request) => {
					const name = request.method === 'GET' ? 'default' : 'setup';
					const url = `${trigger.url(name)}?CallID=1&${request.query}`;
					const { method, body, type } = request;
					const headers: HeadersInit = type ? { 'content-type': type } : {};
					const response = await fetch(url, { method, body, headers });
					expect([response.status, (await response.text()).slice(0, 5)]).toEqual([200, '<?xml']);
					expect(errorsOf(trigger)).toEqual([]);
				}),
				{ numRuns: 100 },
			);
		} finally {
			await trigger.close();
		}
	});

	it('never loses a signed report: each starts the workflow once', async () => {
		const credentials = { ringMeOAuth2Api: oAuth2(fixture.sandbox) };
		const parameters: INodeParameters = { authentication: 'oAuth2', events: ['task-finished'] };
		const trigger = await fixture.openTrigger(parameters, { credentials });
		await trigger.activate();
		const secret = reportSecretOf(credentials.ringMeOAuth2Api as never);
		const address = new URL(trigger.url()).pathname.split('/')[2];
		const signer = new ReportSigner(secret as Buffer, address);
		let count = 0;
		await fc.assert(
			fc.asyncProperty(
				requests.filter(isReadable),
				fc.constantFrom('', '?a=1', '%3Fa=1', '&report=x'),
				async (request, end) => {
					const reference = `run-${++count}`;
					const token = signer.sign({
						event: 'task-finished',
						client: '@me',
						schedulerId: '2',
						key: reference,
						reference,
					});
					for (let times = 0; times < 2; times++) {
						expect(await send(trigger, `report=${token}${end}`, request)).toBe(200);
					}
					const started = trigger.deliveries
						.flatMap(({ items = [] }) => items)
						.filter(({ json: item }) => item.key === reference);
					expect(started).toHaveLength(1);
					expect(errorsOf(trigger)).toEqual([]);
				},
			),
			{ numRuns: 150 },
		);
	});
});
