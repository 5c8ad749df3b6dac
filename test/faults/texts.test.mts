/** What a person reads when the PBX refuses: its words, the status, the item, what to do. */
import type { FaultInput } from '../../sandbox/index.mts';
import { byId, type Bench } from '../harness/pbx.mts';
import type { RunResult } from '../harness/types.mts';
import { useBench } from './support/bench.mts';

const bench = useBench();

type Options = Parameters<Bench['run']>[1];

const ID = 77;
const answer = (status: number, body: unknown, contentType?: string) =>
	bench.sandbox.faults.add({
		...({ kind: 'status', status, body, contentType } satisfies FaultInput),
		times: Infinity,
	});
const get = async (options: Options = {}) =>
	await bench.run({ resource: 'extension', operation: 'get', extensionId: byId(ID) }, options);
const create = async (options: Options = {}) =>
	await bench.run(
		{ resource: 'extensionGroup', operation: 'create', extensionGroupName: 'x' },
		options,
	);
const told = ({ error }: RunResult) => `${error?.message} / ${error?.description}`;

describe('the words of the PBX', () => {
	it.each([
		[401, undefined, 'Unauthorized', 'does not accept the token', 'take a new access token'],
		[403, 'access_denied', 'Access denied', 'does not allow this', 'has no right to this'],
		[403, 'user_blocked', 'User is blocked', 'does not allow this', 'is blocked on the PBX'],
		[403, 'user_access_type_deny', 'Denied', 'does not allow this', 'user with full access'],
		[403, 'app_access_type_deny', 'Denied', 'does not allow this', 'Call API only'],
		[403, 'something_new', 'Not on Sundays', 'does not allow this', 'Not on Sundays'],
		[404, undefined, 'Not found', 'The PBX has no extension 77', 'Check the ID'],
		[404, 'client_not_found', 'Client not found', 'Client not found', 'Check PBX Client'],
		[400, undefined, 'name: too long', 'The PBX refused: name: too long', ''],
		[409, undefined, 'In use', 'The PBX refused: In use', ''],
		[500, undefined, 'Disk gone', 'The PBX failed: Disk gone', 'Try again later'],
		[501, undefined, '', 'The PBX failed with status 501', 'Try again later'],
		[418, undefined, '', 'The PBX refused with status 418', ''],
	])('%i %s', async (status, word, message, what, advice) => {
		answer(status, { message, status: word });
		const { error } = await get();
		expect(error?.message).toContain(what);
		expect(error?.description).toContain(advice);
		expect(`${error?.message} ${error?.description}`).toContain(message);
		expect(error?.description).toContain(`HTTP status ${status}.`);
		expect(error).toMatchObject({ httpCode: String(status), context: { itemIndex: 0 } });
	});

	it('of a used-up hour, with the time at which requests work again', async () => {
		bench.sandbox.faults.add({ kind: 'rateLimit', reset: 1234, times: Infinity });
		const { error } = await get();
		expect(error?.message).toBe('The hourly request limit of the PBX is used up');
		const [, hour] =
			/work again at (\d\d:\d\d:\d\d) UTC, in 21 minutes/.exec(error?.description ?? '') ?? [];
		const then = Date.parse(`${new Date().toISOString().slice(0, 10)}T${hour}Z`);
		expect(Math.abs(((then - Date.now() + 86_400_000) % 86_400_000) - 1_234_000)).toBeLessThan(
			5000,
		);
	});

	it('of a busy statistics service', async () => {
		bench.sandbox.faults.add({ kind: 'statsBusy', times: Infinity });
		const text = told(await get());
		expect(text).toContain('The PBX is busy with another request of this kind');
		expect(text).toContain('Stats request already exists');
		expect(text).toContain('HTTP status 429.');
	});

	it.each([
		[
			'HTML',
			'<html><head><title>Bad\n gateway</title></head><h1>x</h1></html>',
			'text/html',
			'Bad gateway',
		],
		['HTML without a title', '<!doctype html><h1 class="a">Oops</h1>', 'text/html', 'Oops'],
		['plain text', 'No more lines', 'text/plain', 'No more lines'],
		['nothing', '', 'application/json', 'refused with status 400'],
		['no JSON at all', '{"message":"Cut o', 'application/json', '{"message":"Cut o'],
		['a JSON text', '"Just words"', 'application/json', 'Just words'],
		['null', 'null', 'application/json', 'refused with status 400'],
		['a list', '[{"name":["too long"]}]', 'application/json', '[{"name":["too long"]}]'],
		['errors by field', '{"errors":{"name":["too long"]}}', 'application/json', 'too long'],
		[
			'OAuth words',
			'{"error":"invalid_request","error_description":"No scope"}',
			'application/json',
			'No scope',
		],
		['bytes', '\u0000\u0001\u0002', 'application/octet-stream', '400'],
	])('in a body that is %s', async (_, body, type, words) => {
		answer(400, body, type);
		expect(told(await get())).toContain(words);
	});

	it('in a file download, where the body is a stream', async () => {
		answer(403, { message: 'Denied', status: 'access_denied' });
		const [{ record_uuid: uuid }] = bench.sandbox.store.records.list();
		const { error } = await bench.run({
			resource: 'recording',
			operation: 'download',
			recordUuid: byId(uuid),
		});
		expect(error?.message).toBe('The PBX does not allow this');
		expect(error?.description).toContain('has no right to this');
	});

	it('of any length are cut', async () => {
		answer(400, { message: 'long '.repeat(100_000) });
		const text = told(await get());
		expect(text.length).toBeLessThan(1000);
		expect(text).toContain('long long');
	});

	it('stand in the error item, with the advice', async () => {
		answer(403, { message: 'Denied', status: 'app_access_type_deny' });
		const { items } = await create({ onError: 'continueRegularOutput' });
		expect(items).toEqual([
			{
				json: {
					error: 'The PBX does not allow this',
					message: expect.stringMatching(/Call API only.*The PBX says: Denied\. HTTP status 403\./),
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	it('are told for the item that they are about', async () => {
		const ids = bench.sandbox.store.extensions.list().map(({ id }) => id);
		const { error } = await bench.run(
			{ resource: 'extension', operation: 'get', extensionId: byId('={{ $json.id }}') },
			{ json: [ids[0], ids[1], 999_999, ids[2]].map((id) => ({ id })) },
		);
		expect(error?.message).toBe('The PBX has no extension 999999');
		expect(error?.context?.itemIndex).toBe(2);
	});
});

describe('an answer with a good status', () => {
	it.each([
		['a page', { kind: 'html200' }, 'is not JSON'],
		['nothing', { kind: 'emptyBody' }, 'is empty'],
		['another shape', { kind: 'wrongShape' }, 'has another form'],
		['half an answer', { kind: 'status', status: 200, body: '[{"id": 1}, {"i' }, 'is not JSON'],
		['a number', { kind: 'status', status: 200, body: '12' }, 'has another form'],
	] as Array<[string, FaultInput, string]>)('that is %s is no list', async (_, fault, words) => {
		bench.sandbox.faults.add({ ...fault, times: Infinity });
		const result = await bench.run({ resource: 'extension', operation: 'getMany' });
		expect(result.error?.message).toBe('The PBX answered with something that is not its API');
		expect(result.error?.description).toContain(words);
		expect(result.json).toEqual([]);
	});
});
