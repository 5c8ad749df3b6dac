import type { Sandbox } from '../../sandbox/index.mts';
import type { Client, Json } from './support/client.mts';
import { useSandbox } from './support/use.mts';

const SCHEDULER = '/api/ver1.0/client/@me/task_scheduler/2';
let sandbox: Sandbox;
let client: Client;

// The clock stands at 15 January 2026, 09:00.
useSandbox({}, (...given) => ([sandbox, client] = given));

const add = async (tasks: unknown[]) =>
	await client.ask('POST', `${SCHEDULER}/tasks/`, { body: { tasks } });

describe('tasks', () => {
	it('come back in order, with ids, defaults and what was sent', async () => {
		const full = {
			...{ name: 'Ann', a_number: '+447700900001', b_number: '101', extension_id: 85201 },
			...{ start_time_utc: '2026-01-20 10:00:00', try_count: 50, try_again_pause: 0 },
			...{
				global_expires: 60,
				variables: { debt: 12.5 },
				callback_params: { caller_id_name: 'X' },
			},
			...{ url_before: 'http://127.0.0.1/a', url_after: 'https://example.com/b' },
		};
		const answer = await add([full, { b_number: '1844*101' }, { extension_id: 85201 }]);
		expect(answer.status).toBe(201);
		const { tasks } = answer.json as { tasks: Json[] };
		expect(tasks[0]).toMatchObject({
			...full,
			status: 'scheduled',
			scheduler_id: 2,
			finish_result: null,
		});
		expect(tasks[1]).toMatchObject({ try_count: 1, global_expires: 86400, a_number: null });
		expect(tasks.map(({ id }) => id)).toEqual([100001, 100002, 100003]);
		const one = await client.ask('GET', `${SCHEDULER}/task/100001`);
		expect(one.json).toEqual(tasks[0]);
		const elsewhere = SCHEDULER.replace('/2', '/1');
		expect((await client.ask('GET', `${elsewhere}/task/100001`)).status).toBe(404);
	});

	it.each([
		[{}],
		[{ a_number: '12' }],
		[{ a_number: '1234567890123456' }],
		[{ a_number: 'mobile' }],
		[{ a_number: '' }],
		[{ a_number: 447700900001 }],
		[{ a_number: '447700900001', b_number: '44 7700' }],
		[{ a_number: '447700900001', try_count: 0 }],
		[{ a_number: '447700900001', try_count: 51 }],
		[{ a_number: '447700900001', try_again_pause: -1 }],
		[{ a_number: '447700900001', extension_id: 1 }],
		[{ a_number: '447700900001', start_time_utc: '2026-02-30 10:00:00' }],
		[{ a_number: '447700900001', start_time_utc: 'tomorrow' }],
		[{ a_number: '447700900001', url_after: 'ftp://x' }],
		[{ a_number: '447700900001', callback_params: { b_number: '1' } }],
		[{ a_number: '447700900001', colour: 'red' }],
	])('%j spoils its whole batch', async (bad) => {
		const answer = await add([{ a_number: '447700900001' }, bad, { a_number: '447700900002' }]);
		expect(answer.status).toBe(400);
		expect((answer.json as { message: string }).message).toContain('tasks[1]');
		expect(sandbox.store.tasks.size).toBe(0);
	});

	it('need a batch and a scheduler', async () => {
		expect((await add([])).status).toBe(400);
		const nowhere = SCHEDULER.replace('/2', '/77');
		const body = { tasks: [{ a_number: '447700900001' }] };
		expect((await client.ask('POST', `${nowhere}/tasks/`, { body })).status).toBe(404);
	});
});

it('a scheduler keeps what an update leaves out', async () => {
	const put = await client.ask('PUT', SCHEDULER.replace('/2', '/1'), { body: { comment: 'New' } });
	expect(put.json).toMatchObject({ comment: 'New', status: 'on', concurrent_task_limit: 5 });
	const bad = await client.ask('PUT', SCHEDULER, { body: { concurrent_task_limit: 0 } });
	expect(bad.status).toBe(400);
});
