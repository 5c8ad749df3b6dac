import { taskCounts } from '../../sandbox/telephony/index.mts';
import type { CdrEntry } from '../../sandbox/telephony/taskAttempt.mts';
import { formatUtc } from '../../sandbox/state/time.mts';
import {
	addScheduler,
	addTask,
	CALL_EVENTS,
	registerWebhooks,
	setupTelephony,
} from './support/telephonyFixture.mts';

const ANSWERED = '+12025550121';
const ANSWERED_SECOND_TIME = '+12025550126';
const BUSY = '+12025550127';
const MINUTE = 60_000;

const pbx = setupTelephony();

beforeEach(() => pbx.telephony.start());

const statuses = () => pbx.store.tasks.list().map(({ status }) => status);
const parseCdr = (text: string | null) => JSON.parse(text!) as CdrEntry[];

describe('a task', () => {
	it('dials A, then B, connects them and finishes the task with success', async () => {
		registerWebhooks(pbx, pbx.receiver.url, CALL_EVENTS);
		const scheduler = addScheduler(pbx);
		const task = addTask(pbx, scheduler.id);
		expect(task.status).toBe('scheduled');
		await pbx.clock.advance(1000);
		expect(task.status).toBe('executed');
		expect(scheduler.last_call_date).toBe('2026-01-15 09:00:00');
		await pbx.clock.advance(10 * MINUTE);
		expect(task).toMatchObject({
			status: 'finished',
			finish_result: 'success',
			finish_comment: 'A and B were connected',
		});
		const { id } = pbx.phones[0];
		const events = pbx.receiver.requests.map(({ body }) => body);
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
		expect(events[0].CallBackID).toBe(events[0].CallID);
		expect(events[2]).toMatchObject({ CalledNumber: ANSWERED, CallerExtensionID: String(id) });
		const lines = parseCdr(task.cdr);
		expect(lines.map(({ side, number, result }) => `${side} ${number} ${result}`)).toEqual([
			'a 101 answered',
			`b ${ANSWERED} answered`,
		]);
		expect(lines[1].call_uuid).toBe(events[0].CallID);
		const record = pbx.store.records.get(lines[1].record_uuid!);
		expect(record).toMatchObject({ call_uuid: events[0].CallID, duration: lines[1].duration });
	});

	it('repeats a failed attempt after the pause, at most try_count times', async () => {
		const scheduler = addScheduler(pbx, { concurrent_task_limit: 10 });
		const retry = { try_count: 3, try_again_pause: 300 };
		const answered = addTask(pbx, scheduler.id, { ...retry, b_number: ANSWERED_SECOND_TIME });
		const busy = addTask(pbx, scheduler.id, { ...retry, a_number: BUSY });
		await pbx.clock.advance(2 * MINUTE);
		expect(statuses()).toEqual(['delayed', 'delayed']);
		expect(parseCdr(answered.cdr).map(({ result }) => result)).toEqual([
			'answered',
			'not answered',
		]);
		await pbx.clock.advance(60 * MINUTE);
		expect(answered).toMatchObject({ status: 'finished', finish_result: 'success' });
		expect(busy).toMatchObject({
			status: 'finished',
			finish_result: 'failed',
			finish_comment: `A (${BUSY}) is busy (attempt 3)`,
		});
		const attempts = parseCdr(busy.cdr);
		expect(attempts.map(({ attempt, result }) => [attempt, result])).toEqual([
			[1, 'busy'],
			[2, 'busy'],
			[3, 'busy'],
		]);
		const [first, second] = attempts.map((line) => Date.parse(`${line.start_time_gmt}Z`));
		// Two seconds of busy tone, then the pause.
		expect(second - first).toBe(302_000);
	});

	it('ends with the last attempt of try_count_caller, whatever try_count is', async () => {
		const scheduler = addScheduler(pbx, { concurrent_task_limit: 10 });
		const retry = { try_again_pause: 300, try_again_pause_caller: 60 };
		const unreachableA = addTask(pbx, scheduler.id, {
			...retry,
			a_number: BUSY,
			try_count: 1,
			try_count_caller: 3,
		});
		const unreachableB = addTask(pbx, scheduler.id, {
			...retry,
			b_number: BUSY,
			try_count: 9,
			try_count_caller: 2,
		});
		const withoutLimit = addTask(pbx, scheduler.id, {
			...retry,
			a_number: BUSY,
			try_count: 2,
			try_count_caller: 0,
		});
		await pbx.clock.advance(60 * MINUTE);
		const results = [unreachableA, unreachableB, withoutLimit].map(({ finish_result, cdr }) => {
			const dialedA = parseCdr(cdr).filter(({ side }) => side === 'a');
			const starts = dialedA.map(({ start_time_gmt }) => Date.parse(`${start_time_gmt}Z`) / 1000);
			return [finish_result, dialedA.length, starts[1] - starts[0]];
		});
		// Two seconds of busy tone come before the pause. If A answered, A's ringing does, too.
		expect(results).toEqual([
			['failed', 3, 62],
			['failed', 2, expect.any(Number)],
			['failed', 2, 302],
		]);
		expect(results[1][2]).toBeGreaterThan(302);
	});

	it('waits for the start time of a task without holding back tasks that are due', async () => {
		const scheduler = addScheduler(pbx);
		const start = pbx.clock.now() + 60 * MINUTE;
		const later = addTask(pbx, scheduler.id, { start_time_utc: formatUtc(start) });
		const now = addTask(pbx, scheduler.id);
		const longAgo = addTask(pbx, scheduler.id, { start_time_utc: '2020-01-01 00:00:00' });
		await pbx.clock.advance(59 * MINUTE);
		expect(later.status).toBe('scheduled');
		expect([now.finish_result, longAgo.finish_result]).toEqual(['success', 'success']);
		await pbx.clock.advance(MINUTE);
		expect(later.status).toBe('executed');
		expect(scheduler.last_call_date).toBe(formatUtc(start));
	});

	it('fails a task when global_expires has passed, even between two attempts', async () => {
		const off = addScheduler(pbx, { status: 'off' });
		const waiting = addTask(pbx, off.id, { global_expires: 600, url_after: pbx.receiver.url });
		const on = addScheduler(pbx);
		const retried = addTask(pbx, on.id, {
			b_number: BUSY,
			try_count: 50,
			try_again_pause: 250,
			global_expires: 600,
		});
		await pbx.clock.advance(599_000);
		expect(waiting.status).toBe('scheduled');
		await pbx.clock.advance(1000);
		expect(waiting).toMatchObject({
			status: 'finished',
			finish_result: 'failed',
			finish_comment: 'expired before it could be called',
			cdr: null,
		});
		expect(pbx.receiver.requests[0].body).toMatchObject({
			event: 'after',
			finish_result: 'failed',
		});
		expect(retried.finish_comment).toContain('expired before the next attempt');
		expect(new Set(parseCdr(retried.cdr).map(({ attempt }) => attempt)).size).toBe(3);
	});

	it('uses the extension of a task for a missing number, its extended A numbers and its caller ID', async () => {
		registerWebhooks(pbx, pbx.receiver.url, ['dial-in', 'dial-out']);
		const scheduler = addScheduler(pbx);
		const task = addTask(pbx, scheduler.id, {
			a_number: BUSY,
			b_number: null,
			callback_params: { extended_a_numbers: [ANSWERED], caller_id_name: 'Sales' },
		});
		await pbx.clock.advance(10 * MINUTE);
		expect(task.finish_result).toBe('success');
		expect(parseCdr(task.cdr).map(({ side, result }) => `${side} ${result}`)).toEqual([
			'a busy',
			'a answered',
			'b answered',
		]);
		const dialed = pbx.receiver.requests.map(({ body }) => body);
		expect(dialed.map(({ CalledNumber }) => CalledNumber)).toEqual([BUSY, ANSWERED, '1844*101']);
		expect(new Set(dialed.map(({ CallerIDName }) => CallerIDName))).toEqual(new Set(['Sales']));
	});

	it.each([
		['nobody to connect', { a_number: null, b_number: null }, /not two numbers/],
		['an extension that is gone', { extension_id: 1 }, /no extension 1/],
	])('fails a task with %s without a call', async (_name, fields, comment) => {
		const scheduler = addScheduler(pbx);
		const task = addTask(pbx, scheduler.id, { ...fields, try_count: 5 });
		const next = addTask(pbx, scheduler.id);
		await pbx.clock.advance(10 * MINUTE);
		expect(task).toMatchObject({ status: 'finished', finish_result: 'failed', cdr: null });
		expect(task.finish_comment).toMatch(comment);
		expect(next.finish_result).toBe('success');
	});
});

describe('the webhook URLs of a task', () => {
	const urls = () => ({
		url_before: `${pbx.receiver.url}/before`,
		url_before_again: `${pbx.receiver.url}/again`,
		url_success: `${pbx.receiver.url}/success`,
		url_after: `${pbx.receiver.url}/after`,
	});

	it('calls the webhook URLs of a task in order with its state, the first one before dialing', async () => {
		registerWebhooks(pbx, `${pbx.receiver.url}/event`, ['dial-out']);
		const scheduler = addScheduler(pbx);
		const variables = { order: 17 };
		const task = addTask(pbx, scheduler.id, {
			...urls(),
			b_number: ANSWERED_SECOND_TIME,
			try_count: 2,
			variables,
			name: 'Ada',
		});
		await pbx.clock.advance(20 * MINUTE);
		expect(pbx.receiver.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			'POST /before',
			'POST /event',
			'POST /again',
			'POST /event',
			'POST /success',
			'POST /after',
		]);
		const [before, , again, , success, after] = pbx.receiver.requests.map(({ body }) => body);
		expect(before).toEqual({
			event: 'before',
			task_id: String(task.id),
			scheduler_id: String(scheduler.id),
			name: 'Ada',
			a_number: '101',
			b_number: ANSWERED_SECOND_TIME,
			extension_id: String(pbx.phones[0].id),
			status: 'executed',
			attempt: '1',
			try_count: '2',
			variables: JSON.stringify(variables),
		});
		expect(again).toMatchObject({ event: 'before_again', attempt: '2' });
		expect(success).toMatchObject({ event: 'success', call_id: parseCdr(task.cdr)[3].call_uuid });
		expect(after).toMatchObject({ status: 'finished', finish_result: 'success', attempt: '2' });
	});

	it('finishes a task although its webhook URLs fail', async () => {
		pbx.receiver.respond = (_request, response) => void response.socket!.destroy();
		const scheduler = addScheduler(pbx);
		const task = addTask(pbx, scheduler.id, urls());
		await pbx.clock.advance(10 * MINUTE);
		expect(task.finish_result).toBe('success');
		expect(pbx.receiver.requests).toHaveLength(3);
	});
});

describe('a scheduler', () => {
	it('starts the tasks of a scheduler only while it is switched on', async () => {
		const scheduler = addScheduler(pbx, { status: 'off' });
		for (let n = 0; n < 3; n++) addTask(pbx, scheduler.id);
		await pbx.clock.advance(60 * MINUTE);
		expect(statuses()).toEqual(['scheduled', 'scheduled', 'scheduled']);
		pbx.store.taskSchedulers.update(scheduler.id, { status: 'on' });
		await pbx.clock.advance(1000);
		expect(statuses()).toEqual(['executed', 'scheduled', 'scheduled']);
		pbx.store.taskSchedulers.update(scheduler.id, { status: 'off' });
		await pbx.clock.advance(60 * MINUTE);
		expect(statuses()).toEqual(['finished', 'scheduled', 'scheduled']);
	});

	it('runs at most concurrent_task_limit tasks at once, in the order of their creation', async () => {
		const scheduler = addScheduler(pbx, { concurrent_task_limit: 3 });
		const order: number[] = [];
		let maxRunning = 0;
		pbx.store.tasks.watch(({ row }) => {
			if (row.status === 'executed') order.push(row.id);
			maxRunning = Math.max(
				maxRunning,
				statuses().filter((status) => status === 'executed').length,
			);
		});
		const tasks = Array.from({ length: 10 }, () => addTask(pbx, scheduler.id));
		await pbx.clock.advance(60 * MINUTE);
		expect(statuses()).toEqual(Array(10).fill('finished'));
		expect(maxRunning).toBe(3);
		expect(order).toEqual(tasks.map(({ id }) => id));
	});

	it('counts the tasks and the scheduled tasks of a scheduler', async () => {
		const scheduler = addScheduler(pbx);
		const counts = () => taskCounts(pbx.store, scheduler.id);
		expect(counts()).toEqual({ task_count: 0, sched_task_count: 0 });
		addTask(pbx, scheduler.id, { a_number: BUSY, try_count: 2, try_again_pause: 3600 });
		addTask(pbx, scheduler.id);
		addTask(pbx, addScheduler(pbx, { status: 'off' }).id);
		expect(counts()).toEqual({ task_count: 2, sched_task_count: 2 });
		await pbx.clock.advance(1000);
		expect(counts()).toEqual({ task_count: 2, sched_task_count: 1 });
		await pbx.clock.advance(120 * MINUTE);
		expect(counts()).toEqual({ task_count: 2, sched_task_count: 0 });
	});

	it("starts tasks only in the hours of the scheduler's interval, in its time zone", async () => {
		// 09:00 UTC on a Thursday is 12:00 in Moscow.
		const interval = pbx.store.intervals.insert({
			client_id: 4321,
			dealer_id: null,
			extension_id: null,
			name: 'Afternoon',
			timezone: 'Europe/Moscow',
			conditions: [{ start_dow: 2, end_dow: 6, start_time: '13:00', end_time: '18:00' }],
		});
		const scheduler = addScheduler(pbx, { interval_id: interval.id });
		const task = addTask(pbx, scheduler.id);
		await pbx.clock.advance(59 * MINUTE);
		expect(task.status).toBe('scheduled');
		await pbx.clock.advance(11 * MINUTE);
		expect(task.status).toBe('finished');
		expect(scheduler.last_call_date).toBe('2026-01-15 10:00:00');

		// A change of the hours takes effect immediately.
		await pbx.clock.advance(12 * 60 * MINUTE);
		const nightTask = addTask(pbx, scheduler.id);
		await pbx.clock.advance(MINUTE);
		expect(nightTask.status).toBe('scheduled');
		pbx.store.intervals.update(interval.id, { conditions: [{ start_time: '00:00' }] });
		await pbx.clock.advance(1000);
		expect(nightTask.status).toBe('executed');
	});

	it('runs the waiting tasks of the store after a start, and none after a stop', async () => {
		pbx.telephony.stop();
		const scheduler = addScheduler(pbx);
		const finished = addTask(pbx, scheduler.id, { status: 'finished', finish_result: 'failed' });
		const waiting = addTask(pbx, scheduler.id);
		await pbx.clock.advance(10 * MINUTE);
		expect(waiting.status).toBe('scheduled');
		pbx.telephony.start();
		await pbx.clock.advance(1000);
		pbx.telephony.stop();
		await pbx.clock.advance(60 * MINUTE);
		expect(waiting.status).toBe('executed');
		expect(pbx.store.calls.size).toBe(0);
		pbx.telephony.start();
		await pbx.clock.advance(10 * MINUTE);
		expect(waiting.finish_result).toBe('success');
		expect(finished.finish_result).toBe('failed');
	});

	it('finishes each of 10,000 tasks exactly once', async () => {
		const scheduler = addScheduler(pbx, { concurrent_task_limit: 200 });
		const finished = new Map<number, number>();
		pbx.store.tasks.watch(({ row }) => {
			if (row.status === 'finished') finished.set(row.id, (finished.get(row.id) ?? 0) + 1);
		});
		for (let n = 0; n < 10_000; n++) {
			const b_number = `+1202555${String(n).padStart(4, '0')}`;
			addTask(pbx, scheduler.id, { b_number, try_count: 2, try_again_pause: 60 });
		}
		await pbx.clock.advance(6 * 60 * MINUTE);
		expect(finished.size).toBe(10_000);
		expect([...finished.values()].every((times) => times === 1)).toBe(true);
		const results = pbx.store.tasks.list().map(({ finish_result }) => finish_result);
		const failed = results.filter((result) => result === 'failed').length;
		// Numbers that end in 7, 9 or 00 are never answered.
		expect(failed).toBe(2_100);
	});
});
