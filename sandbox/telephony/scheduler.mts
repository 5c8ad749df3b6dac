import type { Store } from '../state/store.mts';
import { formatUtc, parseUtc } from '../state/time.mts';
import type { Interval, Task, TaskScheduler } from '../state/types.mts';
import type { Calls } from './calls.mts';
import type { ClockScope } from './clock.mts';
import { isOpen } from './intervals.mts';
import { PriorityQueue } from './priorityQueue.mts';
import { startAttempt, type AttemptResult, type CdrEntry } from './taskAttempt.mts';
import type { TaskWebhooks } from './taskWebhooks.mts';

/** How often a scheduler outside the hours of its interval checks them again. */
const INTERVAL_CHECK_MS = 60_000;

interface ScheduledTask {
	task: Task;
	/** Earliest start in epoch milliseconds. */
	due: number;
}

interface Timer {
	/** Epoch milliseconds. */
	at: number;
	cancel: () => void;
}

/** The state of one scheduler. */
interface SchedulerQueue {
	id: number;
	waiting: PriorityQueue<ScheduledTask>;
	/** Number of running tasks. */
	running: number;
	/** The timer of the next poll. */
	timer: Timer | null;
}

interface Progress {
	/** Number of attempts so far. */
	attempts: number;
	/** Number of attempts so far in which A answered. */
	answeredAttempts: number;
	/** Epoch milliseconds after which no attempt starts. */
	expires: number;
	cdr: CdrEntry[];
}

/**
 * Runs the tasks of all schedulers. Each scheduler has a queue ordered by time and one timer, so the cost
 * of a poll does not depend on the number of waiting tasks. Changes in the store are noticed by watching.
 */
export class TaskRunner {
	private readonly queues = new Map<number, SchedulerQueue>();
	private readonly progress = new Map<Task, Progress>();
	private readonly expiring = new PriorityQueue<{ task: Task; at: number }>(({ at }) => at);
	private expiryTimer: Timer | null = null;
	private unwatch: Array<() => void> = [];

	constructor(
		private readonly store: Store,
		private readonly calls: Calls,
		private readonly clock: ClockScope,
		private readonly webhooks: TaskWebhooks,
		/** Whether calls take no time. */
		private readonly instantCalls: boolean,
	) {}

	/** Whether an attempt of one of these tasks is running or about to start. */
	isRunning(tasks: Task[]): boolean {
		const now = this.clock.now();
		return tasks.some((task) => {
			if (!this.progress.has(task)) return false;
			const { timer } = this.queueOf(task.scheduler_id);
			return task.status === 'executed' || (timer !== null && timer.at <= now);
		});
	}

	/**
	 * When work goes on: now if a task is running, else when the next call of a scheduler that is on may start, within
	 * the hours of its interval. In epoch milliseconds.
	 * @returns undefined if nothing happens until this time
	 */
	nextWork(until: number): number | undefined {
		const now = this.clock.now();
		const times: number[] = [];
		for (const queue of this.queues.values()) {
			if (queue.running > 0) return now;
			const scheduler = this.store.taskSchedulers.get(queue.id);
			const next = scheduler?.status === 'on' ? this.nextTask(queue) : undefined;
			if (!scheduler || !next) continue;
			let at = Math.max(next.due, now);
			while (at <= until && !this.isWithinHours(scheduler, at)) at += INTERVAL_CHECK_MS;
			if (at <= until) times.push(at);
		}
		return times.length > 0 ? Math.min(...times) : undefined;
	}

	/** Enqueues all tasks of the store and watches its changes from now on. */
	start(): void {
		const { tasks, taskSchedulers, intervals } = this.store;
		for (const task of tasks.values()) this.enqueue(task);
		this.unwatch = [
			tasks.watch(({ kind, row }) => {
				if (kind === 'insert') this.enqueue(row);
				if (kind === 'delete') this.progress.delete(row);
			}),
			taskSchedulers.watch(({ row }) => this.poll(this.queueOf(row.id))),
			intervals.watch(({ row }) => this.pollSchedulersOf(row)),
		];
	}

	/** Clears all queues. Tasks that were running stay as they are in the store. */
	stop(): void {
		for (const unwatch of this.unwatch) unwatch();
		this.unwatch = [];
		this.queues.clear();
		this.progress.clear();
		this.expiring.clear();
		this.expiryTimer = null;
	}

	private enqueue(task: Task): void {
		if (task.status === 'finished') return;
		const start = task.start_time_utc ? parseUtc(task.start_time_utc) : undefined;
		const created = parseUtc(task.create_date_utc) ?? this.clock.now();
		const due = Math.max(start ?? created, created);
		const expires = due + task.global_expires * 1000;
		this.progress.set(task, { attempts: 0, answeredAttempts: 0, expires, cdr: [] });
		this.schedule(task, this.webhooks.form.beforeResponse ? created : due);
		this.expiring.add({ task, at: expires });
		this.setExpiryTimer();
	}

	private schedule(task: Task, due: number): void {
		const queue = this.queueOf(task.scheduler_id);
		queue.waiting.add({ task, due });
		this.pollAt(queue, due);
	}

	private queueOf(id: number): SchedulerQueue {
		let queue = this.queues.get(id);
		if (!queue) {
			queue = { id, waiting: new PriorityQueue(({ due }) => due), running: 0, timer: null };
			this.queues.set(id, queue);
		}
		return queue;
	}

	private pollSchedulersOf(interval: Interval): void {
		for (const scheduler of this.store.taskSchedulers.values()) {
			if (scheduler.interval_id === interval.id) this.poll(this.queueOf(scheduler.id));
		}
	}

	/** Polls a queue as soon as the clock runs timers. Several calls before that give one poll. */
	private poll(queue: SchedulerQueue): void {
		this.pollAt(queue, this.clock.now());
	}

	private pollAt(queue: SchedulerQueue, at: number): void {
		if (queue.timer && queue.timer.at <= at) return;
		queue.timer?.cancel();
		const cancel = this.clock.schedule(at - this.clock.now(), async () => {
			queue.timer = null;
			await Promise.all(this.startDueTasks(queue));
		});
		queue.timer = { at, cancel };
	}

	/** Starts the tasks that may run now. @returns what must be awaited before time moves on */
	private startDueTasks(queue: SchedulerQueue): Array<Promise<void>> {
		const scheduler = this.store.taskSchedulers.get(queue.id);
		const started: Array<Promise<void>> = [];
		if (scheduler?.status !== 'on') return started;
		for (;;) {
			const next = this.nextTask(queue);
			if (!next || queue.running >= (scheduler.concurrent_task_limit ?? 1)) return started;
			if (next.due > this.clock.now()) {
				this.pollAt(queue, next.due);
				return started;
			}
			if (!this.isWithinHours(scheduler)) {
				this.pollAt(queue, this.clock.now() + INTERVAL_CHECK_MS);
				return started;
			}
			queue.waiting.shift();
			queue.running++;
			started.push(this.runTask(queue, scheduler, next.task));
		}
	}

	/** The next task of a queue. Finished and deleted tasks are dropped. */
	private nextTask({ waiting }: SchedulerQueue): ScheduledTask | undefined {
		for (let next = waiting.first(); next; next = waiting.first()) {
			if (this.progress.has(next.task)) return next;
			waiting.shift();
		}
		return undefined;
	}

	private isWithinHours(scheduler: TaskScheduler, at = this.clock.now()): boolean {
		if (scheduler.interval_id === null) return true;
		const interval = this.store.intervals.get(scheduler.interval_id);
		return interval ? isOpen(interval, at) : true;
	}

	private async runTask(
		queue: SchedulerQueue,
		scheduler: TaskScheduler,
		task: Task,
	): Promise<void> {
		const progress = this.progress.get(task)!;
		const attempt = ++progress.attempts;
		this.store.tasks.update(task.id, { status: 'executed' });
		// The PBX calls this URL before it dials, so dialing waits for the response.
		const event = attempt === 1 ? 'before' : 'before_again';
		const instant = this.instantCalls || this.webhooks.form.beforeResponse;
		await this.webhooks.call(task, event, { attempt });
		if (this.progress.get(task) !== progress) return;
		scheduler.last_call_date = formatUtc(this.clock.now());
		const options = {
			store: this.store,
			calls: this.calls,
			now: () => this.clock.now(),
			later: (seconds: number, callback: (at: number) => void) =>
				void this.clock.schedule(instant ? 0 : seconds * 1000, () => callback(this.clock.now())),
			onConnected: ({ id: callId }: { id: string }) =>
				void this.webhooks.call(task, 'success', { attempt, callId }),
			onEnd: (result: AttemptResult) => {
				queue.running--;
				this.poll(queue);
				this.handleResult(task, progress, result);
			},
		};
		startAttempt(options, task, attempt);
	}

	/** Finishes the task after an attempt, or schedules the next one. */
	private handleResult(task: Task, progress: Progress, result: AttemptResult): void {
		if (this.progress.get(task) !== progress) return;
		progress.cdr.push(...result.cdr);
		const aAnswered = result.cdr.some(
			({ side, result: outcome }) => side === 'a' && outcome === 'answered',
		);
		if (aAnswered) progress.answeredAttempts++;
		const next = this.clock.now() + pauseAfter(task, aAnswered) * 1000;
		const callId = result.call?.id;
		if (result.connected) {
			this.finish(task, 'success', result.comment, callId);
		} else if (result.call === null) {
			this.finish(task, 'failed', result.comment);
		} else if (isLastAttempt(task, progress)) {
			this.finish(task, 'failed', `${result.comment} (attempt ${progress.attempts})`, callId);
		} else if (next >= progress.expires) {
			this.finish(task, 'failed', `${result.comment}; expired before the next attempt`, callId);
		} else {
			this.store.tasks.update(task.id, {
				status: 'delayed',
				cdr: JSON.stringify(progress.cdr),
			});
			this.schedule(task, next);
		}
	}

	private finish(
		task: Task,
		finish_result: 'success' | 'failed',
		finish_comment: string,
		callId?: string,
	): void {
		const { attempts, cdr } = this.progress.get(task)!;
		this.progress.delete(task);
		this.store.tasks.update(task.id, {
			status: 'finished',
			finish_result,
			finish_comment,
			cdr: cdr.length > 0 ? JSON.stringify(cdr) : null,
		});
		void this.webhooks.call(task, 'after', { attempt: attempts, callId });
	}

	private setExpiryTimer(): void {
		const first = this.expiring.first();
		if (!first || (this.expiryTimer && this.expiryTimer.at <= first.at)) return;
		this.expiryTimer?.cancel();
		const cancel = this.clock.schedule(first.at - this.clock.now(), () => this.expireTasks());
		this.expiryTimer = { at: first.at, cancel };
	}

	private expireTasks(): void {
		this.expiryTimer = null;
		for (let next = this.expiring.first(); next; next = this.expiring.first()) {
			const { task, at } = next;
			if (at > this.clock.now()) break;
			this.expiring.shift();
			// A running attempt is finished; `handleResult` notices that the task has expired.
			if (this.progress.has(task) && task.status !== 'executed') {
				this.finish(task, 'failed', 'expired before it could be called');
			}
		}
		this.setExpiryTimer();
	}
}

/**
 * `try_count_caller` limits all attempts, if it is set; `try_count` then counts only those in which A
 * answered.
 */
function isLastAttempt(task: Task, { attempts, answeredAttempts }: Progress): boolean {
	if (!task.try_count_caller) return attempts >= task.try_count;
	return attempts >= task.try_count_caller || answeredAttempts >= task.try_count;
}

/** Seconds from a failed attempt to the next one. */
function pauseAfter(task: Task, aAnswered: boolean): number {
	const forCaller = task.try_count_caller && !aAnswered ? task.try_again_pause_caller : null;
	return forCaller ?? task.try_again_pause ?? 0;
}

/** The two task counts in the response of `GET task_scheduler/{id}`. */
export function taskCounts(store: Store, schedulerId: number) {
	const tasks = store.tasks.findByIndex(schedulerId);
	let sched_task_count = 0;
	for (const { status } of tasks) if (status === 'scheduled') sched_task_count++;
	return { task_count: tasks.size, sched_task_count };
}

/** How far the tasks of a scheduler are, as people see it. */
export function taskProgress(store: Store, schedulerId: number) {
	const progress = { total: 0, waiting: 0, calling: 0, succeeded: 0, failed: 0 };
	for (const { status, finish_result } of store.tasks.findByIndex(schedulerId)) {
		progress.total++;
		if (status === 'finished') progress[finish_result === 'success' ? 'succeeded' : 'failed']++;
		else progress[status === 'executed' ? 'calling' : 'waiting']++;
	}
	return progress;
}
