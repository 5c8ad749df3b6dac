import { formatUtc } from '../../sandbox/state/time.mts';
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

	it('returns the task fields of newer PBXs, and null where they were not sent', async () => {
		const newer = {
			try_count_caller: 3,
			try_again_pause_caller: 864_000,
			attempts_src_ani_numbers: ['442079460100', '442079460101'],
			attempts_dst_ani_numbers: ['442079460102'],
		};
		const response = await addTasks([
			{ a_number: '447700900001', ...newer },
			{ a_number: '447700900002' },
		]);
		const { tasks } = response.json as { tasks: Json[] };
		expect(tasks[0]).toMatchObject(newer);
		expect(tasks[1]).toMatchObject({ try_count_caller: null, attempts_src_ani_numbers: null });
		expect((await pbx.client.request('GET', `${SCHEDULER}/task/100001`)).json).toEqual(tasks[0]);
	});

	it.each([90, '90'])('starts a task %j seconds after it was added', async (start_time_utc) => {
		const response = await addTasks([{ a_number: '447700900001', start_time_utc }]);
		const { tasks } = response.json as { tasks: Json[] };
		expect(tasks[0].start_time_utc).toBe(formatUtc(pbx.sandbox.clock.now() + 90_000));
		pbx.sandbox.store.taskSchedulers.update(2, { status: 'on' });
		const task = pbx.sandbox.store.tasks.get(100001);
		await pbx.sandbox.clock.advance(88_000);
		expect(task?.status).toBe('scheduled');
		await pbx.sandbox.clock.advance(2000);
		expect(task?.status).not.toBe('scheduled');
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
		[{ a_number: '447700900001', start_time_utc: -1 }],
		[{ a_number: '447700900001', start_time_utc: 1e12 }],
		[{ a_number: '447700900001', try_count_caller: -1 }],
		[{ a_number: '447700900001', try_again_pause_caller: 864_001 }],
		[{ a_number: '447700900001', attempts_src_ani_numbers: '442079460100' }],
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
