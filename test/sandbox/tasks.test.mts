import type { Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const SCHEDULER = '/api/ver1.0/client/@me/task_scheduler/2';
const pbx = setupSandbox();

const addTasks = async (tasks: unknown[]) =>
	await pbx.client.request('POST', `${SCHEDULER}/tasks/`, { body: { tasks } });

describe('tasks', () => {
	it('returns added tasks in order, with ids, defaults and the values that were sent', async () => {
		const full = {
			name: 'Ann',
			a_number: '+447700900001',
			b_number: '101',
			extension_id: 85201,
			start_time_utc: '2026-01-20 10:00:00',
			try_count: 50,
			try_again_pause: 0,
			global_expires: 60,
			variables: { debt: 12.5 },
			callback_params: { caller_id_name: 'X' },
			url_before: 'http://127.0.0.1/a',
			url_after: 'https://example.com/b',
		};
		const response = await addTasks([full, { b_number: '1844*101' }, { extension_id: 85201 }]);
		expect(response.status).toBe(201);
		const { tasks } = response.json as { tasks: Json[] };
		expect(tasks[0]).toMatchObject({
			...full,
			status: 'scheduled',
			scheduler_id: 2,
			finish_result: null,
		});
		expect(tasks[1]).toMatchObject({ try_count: 1, global_expires: 86400, a_number: null });
		expect(tasks.map(({ id }) => id)).toEqual([100001, 100002, 100003]);
		const task = await pbx.client.request('GET', `${SCHEDULER}/task/100001`);
		expect(task.json).toEqual(tasks[0]);
		const otherScheduler = SCHEDULER.replace('/2', '/1');
		expect((await pbx.client.request('GET', `${otherScheduler}/task/100001`)).status).toBe(404);
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
	])('refuses a whole batch because of the task %j', async (invalid) => {
		const response = await addTasks([
			{ a_number: '447700900001' },
			invalid,
			{ a_number: '447700900002' },
		]);
		expect(response.status).toBe(400);
		expect((response.json as { message: string }).message).toContain('tasks[1]');
		expect(pbx.sandbox.store.tasks.size).toBe(0);
	});

	it('refuses an empty batch and a batch for an unknown scheduler', async () => {
		expect((await addTasks([])).status).toBe(400);
		const unknownScheduler = SCHEDULER.replace('/2', '/77');
		const body = { tasks: [{ a_number: '447700900001' }] };
		expect((await pbx.client.request('POST', `${unknownScheduler}/tasks/`, { body })).status).toBe(
			404,
		);
	});
});

it('keeps the fields of a scheduler that an update leaves out', async () => {
	const updated = await pbx.client.request('PUT', SCHEDULER.replace('/2', '/1'), {
		body: { comment: 'New' },
	});
	expect(updated.json).toMatchObject({ comment: 'New', status: 'on', concurrent_task_limit: 5 });
	const invalid = await pbx.client.request('PUT', SCHEDULER, {
		body: { concurrent_task_limit: 0 },
	});
	expect(invalid.status).toBe(400);
});
