import { taskCounts } from '../../sandbox/telephony/index.mts';
import type { CdrLine } from '../../sandbox/telephony/taskCall.mts';
import { toGmt } from '../../sandbox/telephony/time.mts';
import {
	addScheduler,
	addTask,
	CALL_EVENTS,
	createBench,
	register,
	startReceiver,
	type Bench,
	type Receiver,
} from './telephonyBench.mts';

const ANSWERED = '+12025550121';
const SECOND_TIME = '+12025550126';
const BUSY = '+12025550127';
const MINUTE = 60_000;

let receiver: Receiver;
let bench: Bench;

beforeEach(async () => {
	receiver = await startReceiver();
	bench = createBench();
	bench.telephony.start();
});
afterEach(async () => {
	bench.telephony.stop();
	await receiver.close();
});

const statuses = () => bench.store.tasks.list().map(({ status }) => status);
const cdr = (text: string | null) => JSON.parse(text!) as CdrLine[];

describe('a task', () => {
	it('dials A, then B, connects them and finishes with success', async () => {
		register(bench, receiver.url, CALL_EVENTS);
		const scheduler = addScheduler(bench);
		const task = addTask(bench, scheduler.id);
		expect(task.status).toBe('scheduled');
		await bench.clock.advance(1000);
		expect(task.status).toBe('executed');
		expect(scheduler.last_call_date).toBe('2026-01-15 09:00:00');
		await bench.clock.advance(10 * MINUTE);
		expect(task).toMatchObject({
			status: 'finished',
			finish_result: 'success',
			finish_comment: 'A and B were connected',
		});
		const { id } = bench.phones[0];
		const events = receiver.requests.map(({ body }) => body);
		expect(events.map(({ EventType, CallFlow }) => `${EventType} ${CallFlow}`)).toEqual([
			'dial-in in',
			'answer in',
			'dial-out out',
			'answer out',
			'hangup out',
			'hangup in',
		]);
		expect(new Set(events.map(({ CallID }) => CallID)).size).toBe(1);
		expect(new Set(events.map(({ CallBackID }) => CallBackID)).size).toBe(1);
		expect(events[0].CallBackID).toMatch(/^\d+$/);
		expect(events[2]).toMatchObject({ CalledNumber: ANSWERED, CallerExtensionID: String(id) });
		const lines = cdr(task.cdr);
		expect(lines.map(({ side, number, result }) => `${side} ${number} ${result}`)).toEqual([
			'a 101 answered',
			`b ${ANSWERED} answered`,
		]);
		expect(lines[1].call_uuid).toBe(events[0].CallID);
		const record = bench.store.records.get(lines[1].record_uuid!);
		expect(record).toMatchObject({ call_uuid: events[0].CallID, duration: lines[1].duration });
	});

	it('that finds nobody is tried again after the pause, at most try_count times', async () => {
		const scheduler = addScheduler(bench, { concurrent_task_limit: 10 });
		const retry = { try_count: 3, try_again_pause: 300 };
		const good = addTask(bench, scheduler.id, { ...retry, b_number: SECOND_TIME });
		const bad = addTask(bench, scheduler.id, { ...retry, a_number: BUSY });
		await bench.clock.advance(2 * MINUTE);
		expect(statuses()).toEqual(['delayed', 'delayed']);
		expect(cdr(good.cdr).map(({ result }) => result)).toEqual(['answered', 'not answered']);
		await bench.clock.advance(60 * MINUTE);
		expect(good).toMatchObject({ status: 'finished', finish_result: 'success' });
		expect(bad).toMatchObject({
			status: 'finished',
			finish_result: 'failed',
			finish_comment: `A (${BUSY}) is busy (attempt 3)`,
		});
		const tries = cdr(bad.cdr);
		expect(tries.map(({ attempt, result }) => [attempt, result])).toEqual([
			[1, 'busy'],
			[2, 'busy'],
			[3, 'busy'],
		]);
		const [first, second] = tries.map((line) => Date.parse(`${line.start_time_gmt}Z`));
		// Two seconds of busy tone, then the pause.
		expect(second - first).toBe(302_000);
	});

	it('waits for its start time, and the ones that may run now do not wait for it', async () => {
		const scheduler = addScheduler(bench);
		const start = bench.clock.now() + 60 * MINUTE;
		const later = addTask(bench, scheduler.id, { start_time_utc: toGmt(start) });
		const now = addTask(bench, scheduler.id);
		const longAgo = addTask(bench, scheduler.id, { start_time_utc: '2020-01-01 00:00:00' });
		await bench.clock.advance(59 * MINUTE);
		expect(later.status).toBe('scheduled');
		expect([now.finish_result, longAgo.finish_result]).toEqual(['success', 'success']);
		await bench.clock.advance(MINUTE);
		expect(later.status).toBe('executed');
		expect(scheduler.last_call_date).toBe(toGmt(start));
	});

	it('is given up when global_expires has passed, even between two attempts', async () => {
		const off = addScheduler(bench, { status: 'off' });
		const waiting = addTask(bench, off.id, { global_expires: 600, url_after: receiver.url });
		const on = addScheduler(bench);
		const retried = addTask(bench, on.id, {
			b_number: BUSY,
			try_count: 50,
			try_again_pause: 250,
			global_expires: 600,
		});
		await bench.clock.advance(599_000);
		expect(waiting.status).toBe('scheduled');
		await bench.clock.advance(1000);
		expect(waiting).toMatchObject({
			status: 'finished',
			finish_result: 'failed',
			finish_comment: 'expired before it could be called',
			cdr: null,
		});
		expect(receiver.requests[0].body).toMatchObject({ event: 'after', finish_result: 'failed' });
		expect(retried.finish_comment).toContain('expired before the next attempt');
		expect(new Set(cdr(retried.cdr).map(({ attempt }) => attempt)).size).toBe(3);
	});

	it('uses its extension for a missing side, further A numbers, and the given caller id', async () => {
		register(bench, receiver.url, ['dial-in', 'dial-out']);
		const scheduler = addScheduler(bench);
		const task = addTask(bench, scheduler.id, {
			a_number: BUSY,
			b_number: null,
			callback_params: { extended_a_numbers: [ANSWERED], caller_id_name: 'Sales' },
		});
		await bench.clock.advance(10 * MINUTE);
		expect(task.finish_result).toBe('success');
		expect(cdr(task.cdr).map(({ side, result }) => `${side} ${result}`)).toEqual([
			'a busy',
			'a answered',
			'b answered',
		]);
		const dialled = receiver.requests.map(({ body }) => body);
		expect(dialled.map(({ CalledNumber }) => CalledNumber)).toEqual([BUSY, ANSWERED, '1844*101']);
		expect(new Set(dialled.map(({ CallerIDName }) => CallerIDName))).toEqual(new Set(['Sales']));
	});

	it.each([
		['nobody to connect', { a_number: null, b_number: null }, /not two numbers/],
		['an extension that is gone', { extension_id: 1 }, /no extension 1/],
	])('with %s fails without a call', async (_name, more, comment) => {
		const scheduler = addScheduler(bench);
		const task = addTask(bench, scheduler.id, { ...more, try_count: 5 });
		const next = addTask(bench, scheduler.id);
		await bench.clock.advance(10 * MINUTE);
		expect(task).toMatchObject({ status: 'finished', finish_result: 'failed', cdr: null });
		expect(task.finish_comment).toMatch(comment);
		expect(next.finish_result).toBe('success');
	});
});

describe('the URLs of a task', () => {
	const urls = () => ({
		url_before: `${receiver.url}/before`,
		url_before_again: `${receiver.url}/again`,
		url_success: `${receiver.url}/success`,
		url_after: `${receiver.url}/after`,
	});

	it('are called in turn with the state of the task, the first before anything is dialled', async () => {
		register(bench, `${receiver.url}/event`, ['dial-out']);
		const scheduler = addScheduler(bench);
		const variables = { order: 17 };
		const more = { ...urls(), b_number: SECOND_TIME, try_count: 2, variables, name: 'Ada' };
		const task = addTask(bench, scheduler.id, more);
		await bench.clock.advance(20 * MINUTE);
		expect(receiver.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			'POST /before',
			'POST /event',
			'POST /again',
			'POST /event',
			'POST /success',
			'POST /after',
		]);
		const [before, , again, , success, after] = receiver.requests.map(({ body }) => body);
		expect(before).toEqual({
			event: 'before',
			task_id: String(task.id),
			scheduler_id: String(scheduler.id),
			name: 'Ada',
			a_number: '101',
			b_number: SECOND_TIME,
			extension_id: String(bench.phones[0].id),
			status: 'executed',
			attempt: '1',
			try_count: '2',
			variables: JSON.stringify(variables),
		});
		expect(again).toMatchObject({ event: 'before_again', attempt: '2' });
		expect(success).toMatchObject({ event: 'success', call_id: cdr(task.cdr)[3].call_uuid });
		expect(after).toMatchObject({ status: 'finished', finish_result: 'success', attempt: '2' });
	});

	it('do not hold a task back when they fail', async () => {
		receiver.answer = (_request, response) => void response.socket!.destroy();
		const scheduler = addScheduler(bench);
		const task = addTask(bench, scheduler.id, urls());
		await bench.clock.advance(10 * MINUTE);
		expect(task.finish_result).toBe('success');
		expect(receiver.requests).toHaveLength(3);
	});
});

describe('a scheduler', () => {
	it('does nothing while off, starts when switched on, and stops taking tasks when switched off', async () => {
		const scheduler = addScheduler(bench, { status: 'off' });
		for (let n = 0; n < 3; n++) addTask(bench, scheduler.id);
		await bench.clock.advance(60 * MINUTE);
		expect(statuses()).toEqual(['scheduled', 'scheduled', 'scheduled']);
		bench.store.taskSchedulers.update(scheduler.id, { status: 'on' });
		await bench.clock.advance(1000);
		expect(statuses()).toEqual(['executed', 'scheduled', 'scheduled']);
		bench.store.taskSchedulers.update(scheduler.id, { status: 'off' });
		await bench.clock.advance(60 * MINUTE);
		expect(statuses()).toEqual(['finished', 'scheduled', 'scheduled']);
	});

	it('runs at most concurrent_task_limit tasks at once, in the order they came', async () => {
		const scheduler = addScheduler(bench, { concurrent_task_limit: 3 });
		const order: number[] = [];
		let most = 0;
		bench.store.tasks.watch(({ row }) => {
			if (row.status === 'executed') order.push(row.id);
			most = Math.max(most, statuses().filter((status) => status === 'executed').length);
		});
		const tasks = Array.from({ length: 10 }, () => addTask(bench, scheduler.id));
		await bench.clock.advance(60 * MINUTE);
		expect(statuses()).toEqual(Array(10).fill('finished'));
		expect(most).toBe(3);
		expect(order).toEqual(tasks.map(({ id }) => id));
	});

	it('keeps its counts right', async () => {
		const scheduler = addScheduler(bench);
		const counts = () => taskCounts(bench.store, scheduler.id);
		expect(counts()).toEqual({ task_count: 0, sched_task_count: 0 });
		addTask(bench, scheduler.id, { a_number: BUSY, try_count: 2, try_again_pause: 3600 });
		addTask(bench, scheduler.id);
		addTask(bench, addScheduler(bench, { status: 'off' }).id);
		expect(counts()).toEqual({ task_count: 2, sched_task_count: 2 });
		await bench.clock.advance(1000);
		expect(counts()).toEqual({ task_count: 2, sched_task_count: 1 });
		await bench.clock.advance(120 * MINUTE);
		expect(counts()).toEqual({ task_count: 2, sched_task_count: 0 });
	});

	it('calls only in the hours of its interval, in that time zone', async () => {
		// 09:00 UTC on a Thursday is 12:00 in Moscow.
		const interval = bench.store.intervals.insert({
			client_id: 4321,
			dealer_id: null,
			extension_id: null,
			name: 'Afternoon',
			timezone: 'Europe/Moscow',
			conditions: [{ start_dow: 2, end_dow: 6, start_time: '13:00', end_time: '18:00' }],
		});
		const scheduler = addScheduler(bench, { interval_id: interval.id });
		const task = addTask(bench, scheduler.id);
		await bench.clock.advance(59 * MINUTE);
		expect(task.status).toBe('scheduled');
		await bench.clock.advance(11 * MINUTE);
		expect(task.status).toBe('finished');
		expect(scheduler.last_call_date).toBe('2026-01-15 10:00:00');

		// A change of the hours is noticed at once.
		await bench.clock.advance(12 * 60 * MINUTE);
		const night = addTask(bench, scheduler.id);
		await bench.clock.advance(MINUTE);
		expect(night.status).toBe('scheduled');
		bench.store.intervals.update(interval.id, { conditions: [{ start_time: '00:00' }] });
		await bench.clock.advance(1000);
		expect(night.status).toBe('executed');
	});

	it('takes up the waiting tasks of the store when it starts, and forgets them when it stops', async () => {
		bench.telephony.stop();
		const scheduler = addScheduler(bench);
		const done = addTask(bench, scheduler.id, { status: 'finished', finish_result: 'failed' });
		const waiting = addTask(bench, scheduler.id);
		await bench.clock.advance(10 * MINUTE);
		expect(waiting.status).toBe('scheduled');
		bench.telephony.start();
		await bench.clock.advance(1000);
		bench.telephony.stop();
		await bench.clock.advance(60 * MINUTE);
		expect(waiting.status).toBe('executed');
		expect(bench.store.calls.size).toBe(0);
		bench.telephony.start();
		await bench.clock.advance(10 * MINUTE);
		expect(waiting.finish_result).toBe('success');
		expect(done.finish_result).toBe('failed');
	});

	it('takes 10,000 tasks without slowing down, and finishes each exactly once', async () => {
		const scheduler = addScheduler(bench, { concurrent_task_limit: 200 });
		const finished = new Map<number, number>();
		bench.store.tasks.watch(({ row }) => {
			if (row.status === 'finished') finished.set(row.id, (finished.get(row.id) ?? 0) + 1);
		});
		const started = performance.now();
		for (let n = 0; n < 10_000; n++) {
			const b_number = `+1202555${String(n).padStart(4, '0')}`;
			addTask(bench, scheduler.id, { b_number, try_count: 2, try_again_pause: 60 });
		}
		const added = performance.now() - started;
		const before = performance.now();
		await bench.clock.advance(1);
		const firstTick = performance.now() - before;
		await bench.clock.advance(6 * 60 * MINUTE);
		// Some 0.3 s and 0.05 s; with a look at all tasks for each one it would be many seconds.
		expect(added).toBeLessThan(10_000);
		expect(firstTick).toBeLessThan(5000);
		expect(finished.size).toBe(10_000);
		expect([...finished.values()].every((times) => times === 1)).toBe(true);
		const results = bench.store.tasks.list().map(({ finish_result }) => finish_result);
		const failed = results.filter((result) => result === 'failed').length;
		// Last digits 7 and 9 never answer, nor does 00.
		expect(failed).toBe(2_100);
	});
});
