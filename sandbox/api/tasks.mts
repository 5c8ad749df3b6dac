import { PbxError, badRequest, notFound } from '../http/errors.mts';
import type { Store } from '../state/store.mts';
import { parseUtc } from '../state/time.mts';
import type { Task, TaskScheduler } from '../state/types.mts';
import { taskCounts } from '../telephony/index.mts';
import { isNumber, isUrl, notEmpty, refersTo } from './checks.mts';
import { collection, defaultsOf } from './collection.mts';
import type { Ctx, Handlers } from './context.mts';
import { nowUtc } from './context.mts';

const schedulers = collection<TaskScheduler>({
	operations: {
		create: 'createTaskScheduler',
		get: 'getTaskScheduler',
		update: 'updateTaskScheduler',
	},
	table: (store) => store.taskSchedulers,
	param: 'scheduler_id',
	check(body, { store }) {
		notEmpty(body, 'name');
		refersTo(body, 'interval_id', store.intervals);
		if (body.concurrent_task_limit !== undefined && Number(body.concurrent_task_limit) < 1) {
			throw badRequest('concurrent_task_limit must be 1 or more');
		}
	},
	make: (body, ctx) =>
		({
			comment: null,
			concurrent_task_limit: null,
			interval_id: null,
			create_date_utc: nowUtc(ctx),
			last_call_date: null,
			...body,
		}) as unknown as Omit<TaskScheduler, 'id'>,
	view: (row, { store }) => ({ ...row, ...taskCounts(store, row.id) }),
});

const URLS = ['url_before', 'url_before_again', 'url_success', 'url_after'];
const NOT_IN_CALLBACK = ['a_number', 'b_number', 'src_num', 'dst_num', 'variables'];

/** Why the PBX cannot run this task, although its form is right; undefined if it can. */
function problemOf(store: Store, task: Record<string, unknown>, index: number): string | undefined {
	try {
		if (task.a_number === undefined && task.b_number === undefined && !task.extension_id) {
			throw badRequest('a_number, b_number or extension_id is required');
		}
		for (const field of ['a_number', 'b_number']) {
			if (task[field] !== undefined) isNumber(task[field], field);
		}
		refersTo(task, 'extension_id', store.extensions);
		if (task.start_time_utc !== undefined && parseUtc(String(task.start_time_utc)) === undefined) {
			throw badRequest('start_time_utc: there is no such date');
		}
		for (const field of ['try_again_pause', 'global_expires']) {
			if (Number(task[field] ?? 0) < 0) throw badRequest(`${field} must be 0 or more`);
		}
		isUrl(task, ...URLS);
		for (const field of NOT_IN_CALLBACK) {
			if (field in ((task.callback_params as object | undefined) ?? {})) {
				throw badRequest(`callback_params must not hold ${field}`);
			}
		}
	} catch (error) {
		if (error instanceof PbxError) return `tasks[${index}]: ${error.message}`;
		throw error;
	}
	return undefined;
}

function insertTasks(ctx: Ctx, scheduler: TaskScheduler, tasks: object[]): Task[] {
	const defaults = defaultsOf(ctx.operation.body?.schema.properties?.tasks.items);
	const created = nowUtc(ctx);
	return tasks.map((task) =>
		ctx.store.tasks.insert({
			scheduler_id: scheduler.id,
			status: 'scheduled',
			name: null,
			a_number: null,
			b_number: null,
			extension_id: null,
			start_time_utc: null,
			try_again_pause: null,
			variables: null,
			callback_params: null,
			url_before: null,
			url_before_again: null,
			url_success: null,
			url_after: null,
			create_date_utc: created,
			finish_result: null,
			finish_comment: null,
			cdr: null,
			...defaults,
			...task,
		} as unknown as Omit<Task, 'id'>),
	);
}

function schedulerOf({ store, params }: Ctx): TaskScheduler {
	const scheduler = store.taskSchedulers.get(Number(params.scheduler_id));
	if (!scheduler) throw notFound();
	return scheduler;
}

/** Schedulers and the calls they are to make. */
export const tasks: Handlers = {
	...schedulers,
	/** All or nothing: one bad task refuses the batch (what a real PBX does is unknown). */
	addTasks(ctx) {
		const scheduler = schedulerOf(ctx);
		const batch = ctx.body.tasks as Array<Record<string, unknown>>;
		const problems = batch.map((task, index) => problemOf(ctx.store, task, index));
		const problem = problems.find((one) => one !== undefined);
		if (ctx.fault?.kind === 'halfBatch' && (problem || !ctx.fault.onlyRefused)) {
			const good = batch.filter((_, index) => problems[index] === undefined);
			insertTasks(ctx, scheduler, good.slice(0, Math.ceil(batch.length / 2)));
			ctx.entry.acted = true;
			throw badRequest(problem ?? 'tasks: could not add all tasks');
		}
		if (problem) throw badRequest(problem);
		return { tasks: insertTasks(ctx, scheduler, batch) };
	},
	getTask(ctx) {
		const task = ctx.store.tasks.get(Number(ctx.params.task_id));
		if (task?.scheduler_id !== schedulerOf(ctx).id) throw notFound();
		return task;
	},
};
