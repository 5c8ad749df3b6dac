import { PbxError, badRequest, notFound } from '../http/errors.mts';
import type { Store } from '../state/store.mts';
import { formatUtc, parseUtc } from '../state/time.mts';
import type { Task, TaskScheduler } from '../state/types.mts';
import { taskCounts } from '../telephony/index.mts';
import { assertExists, assertNotEmpty, assertPhoneNumber, assertUrl } from './checks.mts';
import { collection, schemaDefaults } from './collection.mts';
import type { Context, Handlers } from './context.mts';
import { nowUtc } from './context.mts';

const schedulers = collection<TaskScheduler>({
	operations: {
		create: 'createTaskScheduler',
		get: 'getTaskScheduler',
		update: 'updateTaskScheduler',
	},
	table: (store) => store.taskSchedulers,
	idParameter: 'scheduler_id',
	validate(body, { store }) {
		assertNotEmpty(body, 'name');
		assertExists(body, 'interval_id', store.intervals);
		if (body.concurrent_task_limit !== undefined && Number(body.concurrent_task_limit) < 1) {
			throw badRequest('concurrent_task_limit must be 1 or more');
		}
	},
	toRow: (body, context) =>
		({
			comment: null,
			concurrent_task_limit: null,
			interval_id: null,
			create_date_utc: nowUtc(context),
			last_call_date: null,
			...body,
		}) as unknown as Omit<TaskScheduler, 'id'>,
	toResponse: (row, { store }) => ({ ...row, ...taskCounts(store, row.id) }),
});

const URL_FIELDS = ['url_before', 'url_before_again', 'url_success', 'url_after'];
/** Fields of a task that `callback_params` must not repeat. */
const FORBIDDEN_CALLBACK_PARAMS = ['a_number', 'b_number', 'src_num', 'dst_num', 'variables'];

/** Validates a task that the contract allows. @returns an error message, or undefined */
function validateTask(
	store: Store,
	task: Record<string, unknown>,
	index: number,
): string | undefined {
	try {
		if (task.a_number === undefined && task.b_number === undefined && !task.extension_id) {
			throw badRequest('a_number, b_number or extension_id is required');
		}
		for (const field of ['a_number', 'b_number']) {
			if (task[field] !== undefined) assertPhoneNumber(task[field], field);
		}
		assertExists(task, 'extension_id', store.extensions);
		const { start_time_utc } = task;
		if (start_time_utc !== undefined && parseStart(start_time_utc, 0) === undefined) {
			throw badRequest('start_time_utc: there is no such date');
		}
		for (const field of ['try_again_pause', 'global_expires']) {
			if (Number(task[field] ?? 0) < 0) throw badRequest(`${field} must be 0 or more`);
		}
		assertUrl(task, ...URL_FIELDS);
		for (const field of FORBIDDEN_CALLBACK_PARAMS) {
			if (field in ((task.callback_params as object | undefined) ?? {})) {
				throw badRequest(`callback_params must not contain ${field}`);
			}
		}
	} catch (error) {
		if (error instanceof PbxError) return `tasks[${index}]: ${error.message}`;
		throw error;
	}
	return undefined;
}

/**
 * Parses the start of a task: a date, or the seconds until it.
 * @param now epoch milliseconds
 * @returns epoch milliseconds; undefined if there is no such date or time
 */
function parseStart(value: unknown, now: number): number | undefined {
	const text = String(value);
	return /^\d{1,9}$/.test(text) ? now + Number(text) * 1000 : parseUtc(text);
}

/** The start of a task as it is stored: always a date. */
function formatStart(value: unknown, now: number): string | null {
	const start = value === undefined ? undefined : parseStart(value, now);
	return start === undefined ? null : formatUtc(start);
}

function insertTasks(
	context: Context,
	scheduler: TaskScheduler,
	tasks: Array<Record<string, unknown>>,
): Task[] {
	const defaults = schemaDefaults(context.operation.body?.schema.properties?.tasks.items);
	const create_date_utc = nowUtc(context);
	const now = context.pbx.clock.now();
	return tasks.map((task) =>
		context.store.tasks.insert({
			scheduler_id: scheduler.id,
			status: 'scheduled',
			name: null,
			a_number: null,
			b_number: null,
			extension_id: null,
			try_again_pause: null,
			try_count_caller: null,
			try_again_pause_caller: null,
			attempts_src_ani_numbers: null,
			attempts_dst_ani_numbers: null,
			variables: null,
			callback_params: null,
			url_before: null,
			url_before_again: null,
			url_success: null,
			url_after: null,
			create_date_utc,
			finish_result: null,
			finish_comment: null,
			cdr: null,
			...defaults,
			...task,
			start_time_utc: formatStart(task.start_time_utc, now),
		} as unknown as Omit<Task, 'id'>),
	);
}

/** Calls the added tasks and their webhooks now, if this was chosen (`taskWebhookOptions`). */
async function deliverBeforeResponse({ pbx }: Context, tasks: Task[]): Promise<void> {
	if (pbx.telephony.taskWebhooks.beforeResponse) await pbx.telephony.runDueTasks(tasks);
}

function findScheduler({ store, params }: Context): TaskScheduler {
	const scheduler = store.taskSchedulers.get(Number(params.scheduler_id));
	if (!scheduler) throw notFound();
	return scheduler;
}

/** Task schedulers and their tasks. */
export const tasks: Handlers = {
	...schedulers,
	/** One invalid task makes the PBX refuse the whole batch. What a real PBX does is unknown. */
	async addTasks(context) {
		const scheduler = findScheduler(context);
		const batch = context.body.tasks as Array<Record<string, unknown>>;
		const problems = batch.map((task, index) => validateTask(context.store, task, index));
		const problem = problems.find((message) => message !== undefined);
		if (context.fault?.kind === 'halfBatch' && (problem || !context.fault.onlyRefused)) {
			const validTasks = batch.filter((_, index) => problems[index] === undefined);
			const half = validTasks.slice(0, Math.ceil(batch.length / 2));
			const added = insertTasks(context, scheduler, half);
			context.entry.acted = true;
			await deliverBeforeResponse(context, added);
			throw badRequest(problem ?? 'tasks: could not add all tasks');
		}
		if (problem) throw badRequest(problem);
		const added = insertTasks(context, scheduler, batch);
		// The response has the tasks as they were added, even if they have been called since.
		const response = { tasks: added.map((task) => ({ ...task })) };
		await deliverBeforeResponse(context, added);
		return response;
	},
	getTask(context) {
		const task = context.store.tasks.get(Number(context.params.task_id));
		if (task?.scheduler_id !== findScheduler(context).id) throw notFound();
		return task;
	},
};
