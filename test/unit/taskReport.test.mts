/** Signed reports of tasks: what one RingMe Trigger accepts, and what it does not. */
import fc from 'fast-check';

import {
	hasReport,
	ReportSigner,
	reportSecretOf,
	type TaskReport,
} from '../../nodes/shared/taskReports/taskReport';
import { addReport, parseTriggerUrl } from '../../nodes/shared/taskReports/reportUrl';
import { isLoopback, reachabilityProblem } from '../../nodes/shared/webhook/reachability';

const CLIENT_SECRET = 'client-secret-of-the-application';
const secretOf = (clientSecret: string) => reportSecretOf({ clientSecret })!;
const signer = new ReportSigner(secretOf(CLIENT_SECRET), 'webhook-1');
const REPORT: TaskReport = {
	event: 'task-finished',
	client: '@me',
	schedulerId: '2',
	key: 'row 7',
	reference: 'run-0',
};

const reports = fc.record<TaskReport>({
	event: fc.constantFrom('task-finished', 'task-connected'),
	client: fc.string(),
	schedulerId: fc.string(),
	key: fc.oneof(
		fc.string({ unit: 'binary', maxLength: 200 }),
		fc.double({ noNaN: true, noDefaultInfinity: true }).filter((key) => !Object.is(key, -0)),
		fc.constant(null),
	),
	reference: fc.string(),
});

/** A token with another payload and the signature of the first. */
function replacePayload(token: string, change: (values: unknown[]) => unknown) {
	const [payload, signature] = token.split('.');
	const values = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
	return `${Buffer.from(JSON.stringify(change(values))).toString('base64url')}.${signature}`;
}

describe('a signed report', () => {
	it('is verified with every value, in characters that no URL has to encode', () => {
		fc.assert(
			fc.property(reports, (report) => {
				const token = signer.sign(report);
				expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
				expect(signer.verify(token)).toEqual(report);
			}),
		);
	});

	it('has another signature if any part differs', () => {
		fc.assert(
			fc.property(reports, reports, (a, b) => {
				fc.pre(JSON.stringify(a) !== JSON.stringify(b));
				const [one, two] = [a, b].map((report) => signer.sign(report).split('.')[1]);
				expect(one).not.toBe(two);
			}),
		);
	});

	const token = signer.sign(REPORT);
	const [payload, signature] = token.split('.');
	it.each<[string, unknown]>([
		['nothing', undefined],
		['an empty text', ''],
		['a list', [token]],
		['an object', { token }],
		['no signature', payload],
		['an empty signature', `${payload}.`],
		['a signature alone', `.${signature}`],
		['half a signature', `${payload}.${signature.slice(0, 20)}`],
		['a longer signature', `${token}A`],
		['a third part', `${token}.A`],
		['a padded payload', `${payload}=.${signature}`],
		['another encoding of the same payload', `${payload}%.${signature}`],
		['the signature in capitals', `${payload}.${signature.toUpperCase()}`],
		['a signature with letters of two bytes', `${payload}.${'ж'.repeat(43)}`],
		['another event', replacePayload(token, ([, ...rest]) => ['task-connected', ...rest])],
		['another client', replacePayload(token, ([e, , ...rest]) => [e, '17', ...rest])],
		['another task scheduler', replacePayload(token, ([e, c, , ...rest]) => [e, c, '3', ...rest])],
		['another key', replacePayload(token, ([e, c, s, , r]) => [e, c, s, 'row 8', r])],
		['the key as another type', replacePayload(token, ([e, c, s, , r]) => [e, c, s, 7, r])],
		['another reference', replacePayload(token, ([e, c, s, k]) => [e, c, s, k, 'run-1'])],
		['a further value', replacePayload(token, (values) => [...values, ''])],
		[
			'parts that are joined otherwise',
			replacePayload(token, ([e, c, s, k, r]) => [e, c, `${s}${k}`, '', r]),
		],
		[
			'the signature of another trigger',
			new ReportSigner(secretOf(CLIENT_SECRET), 'webhook-2').sign(REPORT),
		],
		[
			'the signature of another application',
			new ReportSigner(secretOf('other'), 'webhook-1').sign(REPORT),
		],
		[
			'a signature with the client secret itself',
			new ReportSigner(Buffer.from(CLIENT_SECRET), 'webhook-1').sign(REPORT),
		],
		['a proof instead of a signature', `${payload}.${signer.prove(payload)}`],
	])('is not accepted with %s', (_, forged) => {
		expect(signer.verify(forged)).toBeUndefined();
		expect(signer.verify(token)).toEqual(REPORT);
	});

	it('contains neither the client secret nor the derived one', () => {
		const secret = secretOf(CLIENT_SECRET);
		const text = [token, signer.prove('nonce')].join(' ');
		for (const hidden of [CLIENT_SECRET, secret.toString('base64url'), secret.toString('hex')]) {
			expect(text).not.toContain(hidden);
		}
	});

	it('needs a client secret', () => {
		expect(reportSecretOf({ accessToken: 'token' })).toBeUndefined();
		expect(reportSecretOf({ clientSecret: '' })).toBeUndefined();
	});

	it('is found in the webhook URL of its own task and event', () => {
		const url_after = `https://n8n.example.com/webhook/w/events?report=${token}`;
		expect(hasReport({ url_after }, 'task-finished', token)).toBe(true);
		expect(hasReport({ url_after }, 'task-finished', signer.sign({ ...REPORT, key: 8 }))).toBe(
			false,
		);
		expect(hasReport({ url_after }, 'task-connected', token)).toBeUndefined();
		for (const task of [{}, { url_after: null }, { url_after: '' }, undefined]) {
			expect(hasReport(task, 'task-finished', token)).toBeUndefined();
		}
	});
});

describe('the proof of a trigger', () => {
	it('is accepted only for its own text, secret and trigger', () => {
		expect(signer.isProof(signer.prove('nonce'), 'nonce')).toBe(true);
		expect(signer.isProof(signer.prove('nonce'), 'other')).toBe(false);
		expect(signer.isProof(undefined, 'nonce')).toBe(false);
		const [token, signature] = signer.sign(REPORT).split('.');
		expect(signer.isProof(signature, token)).toBe(false);
		for (const other of [
			new ReportSigner(secretOf('other'), 'webhook-1'),
			new ReportSigner(secretOf(CLIENT_SECRET), 'webhook-2'),
		]) {
			expect(signer.isProof(other.prove('nonce'), 'nonce')).toBe(false);
		}
	});
});

describe('the URL of a RingMe Trigger', () => {
	it.each([
		['https://n8n.example.com/webhook/w-1/events', 'w-1'],
		[' https://n8n.example.com/webhook/w-1/events/ ', 'w-1'],
		['https://n8n.example.com/webhook/w-1/events?source=sheet#top', 'w-1'],
		['http://localhost:5678/webhook/w-1/events', 'w-1'],
		['https://example.com/n8n/hooks/w%201/events', 'w 1'],
	])('is accepted as %s', (url, address) => {
		expect(parseTriggerUrl('URL', url).address).toBe(address);
	});

	it.each([
		'',
		undefined,
		42,
		'n8n.example.com/webhook/w-1/events',
		'ftp://n8n.example.com/webhook/w-1/events',
		'https://user:password@n8n.example.com/webhook/w-1/events',
		'https://n8n.example.com/webhook/w-1',
		'https://n8n.example.com/events',
		'https://n8n.example.com/webhook-test/w-1/events',
		'https://n8n.example.com/webhook/w-1/other',
	])('is not accepted as %s', (url) => {
		expect(() => parseTriggerUrl('URL', url)).toThrow(/'URL' is/);
	});

	it('keeps its own query, and gets the report', () => {
		const add = (url: string) => addReport(parseTriggerUrl('URL', url), 'token');
		expect(add('https://a.example/w/events')).toBe('https://a.example/w/events?report=token');
		expect(add('https://a.example/w/events?a=%20b#c')).toBe(
			'https://a.example/w/events?a=%20b&report=token',
		);
		expect(() => add(`https://a.example/w/events?a=${'x'.repeat(2_000)}`)).toThrow('characters');
	});

	it.each([
		['https://n8n.example.com', undefined],
		['https://11.0.0.1', undefined],
		['http://n8n.example.com', 'without encryption'],
		['http://localhost:5678', 'cannot reach'],
		['https://192.168.1.2', 'cannot reach'],
		['https://10.0.0.1', 'cannot reach'],
		['https://172.31.0.1', 'cannot reach'],
		['https://169.254.0.1', 'cannot reach'],
		['https://[::1]', 'cannot reach'],
		['https://[fd00::1]', 'cannot reach'],
		['https://n8n.local', 'cannot reach'],
	])('has no problem or the right one: %s', (origin, problem) => {
		const text = reachabilityProblem(`${origin}/webhook/w/events`);
		if (problem) expect(text).toContain(problem);
		else expect(text).toBeUndefined();
	});
});

it.each([
	['http://localhost:5678', true],
	['https://127.0.0.1', true],
	['http://[::1]:5678', true],
	['http://n8n.localhost', true],
	['http://10.0.0.1', false],
	['https://localhost.example.com', false],
])('knows whether only this machine can reach %s: %s', (url, expected) => {
	expect(isLoopback(url)).toBe(expected);
});
