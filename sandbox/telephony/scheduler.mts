import type { Change, Store } from '../state/store.mts';
import { parseUtc } from '../state/time.mts';
import type { Interval, Task, TaskScheduler } from '../state/types.mts';
import type { Calls } from './calls.mts';
import type { ClockScope } from './clock.mts';
import { isOpen } from './intervals.mts';
import { SortedQueue } from './sorted.mts';
import { startAttempt, type AttemptResult, type CdrLine } from './taskCall.mts';
import { callHook, type HookSender } from './taskHooks.mts';
import { toGmt } from './time.mts';

/** How often a scheduler outside its hours looks at the clock again. */
const INTERVAL_CHECK_MS = 60_000;

/** A task that waits for its time. */
interface Waiting {
	task: Task;
	/** Epoch ms from which it may run. */
	due: number;
}

/** The state of one scheduler row. */
interface Line {
	id: number;
	waiting: SortedQueue<Waiting>;
	running: number;
	/** Cancels the timer that will look at the queue, and tells when that is. */
	timer: { at: number; cancel: () => void } | null;
}

interface Progress {
	attempts: number;
	/** Epoch ms after which it is given up. */
	expires: number;
	lines: CdrLine[];
}

/**
 * Works through the tasks of all schedulers. Each scheduler has a queue ordered by time and one timer,
 * so a tick costs as much as there is to do, however many tasks wait. It notices by itself what the
 * API changes in the store.
 */
export class TaskRunner {
	private readonly lines = new Map<number, Line>();
	private readonly progress = new Map<Task, Progress>();
	private readonly expiring = new SortedQueue<{ task: Task; at: number }>(({ at }) => at);
	private expiryTimer: { at: number; cancel: () => void } | null = null;
	private unwatch: Array<() => void> = [];

	constructor(
		private readonly store: Store,
		private readonly calls: Calls,
		private readonly clock: ClockScope,
		private readonly hooks: HookSender,
	) {}

	/** Takes up all tasks of the store and follows its changes from now on. */
	start(): void {
		const { tasks, taskSchedulers, intervals } = this.store;
		for (const task of tasks.values()) this.enlist(task);
		this.unwatch = [
			tasks.watch(({ kind, row }) => {
				if (kind === 'insert') this.enlist(row);
				if (kind === 'delete') this.progress.delete(row);
			}),
			taskSchedulers.watch(({ row }: Change<TaskScheduler>) => this.look(this.lineOf(row.id))),
			intervals.watch(({ row }: Change<Interval>) => this.lookBehind(row)),
		];
	}

	/** Forgets everything; what was running stays as it is in the store. */
	stop(): void {
		for (const unwatch of this.unwatch) unwatch();
		this.unwatch = [];
		this.lines.clear();
		this.progress.clear();
		this.expiring.clear();
		this.expiryTimer = null;
	}

	private enlist(task: Task): void {
		if (task.status === 'finished') return;
		const start = task.start_time_utc ? parseUtc(task.start_time_utc) : undefined;
		const created = parseUtc(task.create_date_utc) ?? this.clock.now();
		const due = Math.max(start ?? created, created);
		const expires = due + task.global_expires * 1000;
		this.progress.set(task, { attempts: 0, expires, lines: [] });
		this.queue(task, due);
		this.expiring.add({ task, at: expires });
		this.armExpiry();
	}

	private queue(task: Task, due: number): void {
		const line = this.lineOf(task.scheduler_id);
		line.waiting.add({ task, due });
		this.lookAt(line, due);
	}

	private lineOf(id: number): Line {
		let line = this.lines.get(id);
		if (!line) {
			line = { id, waiting: new SortedQueue(({ due }) => due), running: 0, timer: null };
			this.lines.set(id, line);
		}
		return line;
	}

	private lookBehind(interval: Interval): void {
		for (const row of this.store.taskSchedulers.values()) {
			if (row.interval_id === interval.id) this.look(this.lineOf(row.id));
		}
	}

	/** Looks at a queue as soon as the clock runs timers; several wishes become one look. */
	private look(line: Line): void {
		this.lookAt(line, this.clock.now());
	}

	private lookAt(line: Line, at: number): void {
		if (line.timer && line.timer.at <= at) return;
		line.timer?.cancel();
		const cancel = this.clock.schedule(at - this.clock.now(), async () => {
			line.timer = null;
			await Promise.all(this.takeDue(line));
		});
		line.timer = { at, cancel };
	}

	/** Starts what may run now; returns what has to be waited for before time moves on. */
	private takeDue(line: Line): Array<Promise<void>> {
		const row = this.store.taskSchedulers.get(line.id);
		const started: Array<Promise<void>> = [];
		if (row?.status !== 'on') return started;
		for (;;) {
			const next = this.nextAlive(line);
			if (!next || line.running >= (row.concurrent_task_limit ?? 1)) return started;
			if (next.due > this.clock.now()) {
				this.lookAt(line, next.due);
				return started;
			}
			if (!this.inHours(row)) {
				this.lookAt(line, this.clock.now() + INTERVAL_CHECK_MS);
				return started;
			}
			line.waiting.shift();
			line.running++;
			started.push(this.begin(line, row, next.task));
		}
	}

	private nextAlive(line: Line): Waiting | undefined {
		while (line.waiting.first() && !this.progress.has(line.waiting.first()!.task)) {
			line.waiting.shift();
		}
		return line.waiting.first();
	}

	private inHours(row: TaskScheduler): boolean {
		if (row.interval_id === null) return true;
		const interval = this.store.intervals.get(row.interval_id);
		return interval ? isOpen(interval, this.clock.now()) : true;
	}

	private async begin(line: Line, row: TaskScheduler, task: Task): Promise<void> {
		const progress = this.progress.get(task)!;
		const attempt = ++progress.attempts;
		this.store.tasks.update(task.id, { status: 'executed' });
		// The PBX calls this URL before it dials, so the dialling waits for the answer.
		await callHook(this.hooks, task, attempt === 1 ? 'before' : 'before_again', { attempt });
		if (this.progress.get(task) !== progress) return;
		row.last_call_date = toGmt(this.clock.now());
		const tools = {
			store: this.store,
			calls: this.calls,
			now: () => this.clock.now(),
			later: (seconds: number, work: (at: number) => void) =>
				void this.clock.schedule(seconds * 1000, () => work(this.clock.now())),
		};
		const end = (result: AttemptResult) => {
			line.running--;
			this.look(line);
			this.settle(task, progress, result);
		};
		const impossible = startAttempt(
			tools,
			task,
			attempt,
			(call) => void callHook(this.hooks, task, 'success', { attempt, callId: call.id }),
			end,
		);
		if (impossible) end({ connected: false, comment: impossible, call: null, lines: [] });
	}

	/** After an attempt: finished, or delayed until the next one. */
	private settle(task: Task, progress: Progress, result: AttemptResult): void {
		if (this.progress.get(task) !== progress) return;
		progress.lines.push(...result.lines);
		const next = this.clock.now() + (task.try_again_pause ?? 0) * 1000;
		const callId = result.call?.id;
		if (result.connected) {
			this.finish(task, 'success', result.comment, callId);
		} else if (result.call === null) {
			this.finish(task, 'failed', result.comment);
		} else if (progress.attempts >= task.try_count) {
			this.finish(task, 'failed', `${result.comment} (attempt ${progress.attempts})`, callId);
		} else if (next >= progress.expires) {
			this.finish(task, 'failed', `${result.comment}; expired before the next attempt`, callId);
		} else {
			this.store.tasks.update(task.id, { status: 'delayed', cdr: cdrText(progress) });
			this.queue(task, next);
		}
	}

	private finish(
		task: Task,
		finish_result: 'success' | 'failed',
		finish_comment: string,
		callId?: string,
	): void {
		const { attempts: attempt, lines } = this.progress.get(task)!;
		this.progress.delete(task);
		const cdr = lines.length > 0 ? cdrText({ lines }) : null;
		this.store.tasks.update(task.id, { status: 'finished', finish_result, finish_comment, cdr });
		void callHook(this.hooks, task, 'after', { attempt, callId });
	}

	private armExpiry(): void {
		const first = this.expiring.first();
		if (!first || (this.expiryTimer && this.expiryTimer.at <= first.at)) return;
		this.expiryTimer?.cancel();
		const cancel = this.clock.schedule(first.at - this.clock.now(), () => this.expire());
		this.expiryTimer = { at: first.at, cancel };
	}

	private expire(): void {
		this.expiryTimer = null;
		for (let next = this.expiring.first(); next; next = this.expiring.first()) {
			const { task, at } = next;
			if (at > this.clock.now()) break;
			this.expiring.shift();
			// A task that is being called finishes its attempt; `settle` sees that its time is over.
			if (this.progress.has(task) && task.status !== 'executed') {
				this.finish(task, 'failed', 'expired before it could be called');
			}
		}
		this.armExpiry();
	}
}

function cdrText({ lines }: Pick<Progress, 'lines'>): string {
	return JSON.stringify(lines);
}
