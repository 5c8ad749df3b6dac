import type { IDataObject } from 'n8n-workflow';

import type { PbxClient } from '../../shared/transport/client';
import { extractRecords } from '../../shared/transport/records';
import type { Operation } from '../../shared/schema/operation';
import { taskScheduler } from '../resources/taskScheduler';
import type { TaskQueue } from './batchSender';

/** A large batch can take the PBX long, and a lost response leaves all of it unknown. */
const TIMEOUT_MS = { GET: 30_000, POST: 120_000 };

const { get, getTask, addTasks } = taskScheduler.operations;

export interface SchedulerClient extends TaskQueue {
	/** The scheduler itself. */
	read(): Promise<IDataObject>;
	/** One of its tasks, unless the deadline comes first. @throws RequestError */
	readTask(taskId: string, deadline: AbortSignal): Promise<IDataObject>;
	/** The time on the PBX in milliseconds, as its last response says; the time here if it does not. */
	now(): number;
}

/**
 * The requests of one task scheduler.
 *
 * @param id ID of the scheduler
 * @param secrets values in the tasks that no message may contain
 */
export function createSchedulerClient(
	client: PbxClient,
	id: string,
	secrets?: string[],
): SchedulerClient {
	/** The largest one is the most exact: a response that was long on its way is old. */
	let clockDifference: number | undefined;
	const send = async (
		{ method, path }: Operation,
		{
			body,
			taskId,
			deadline,
		}: { body?: IDataObject; taskId?: string; deadline?: AbortSignal } = {},
	): Promise<unknown> => {
		const response = await client.request({
			method,
			path: client.path(path, (placeholder) =>
				placeholder === 'task_id'
					? { label: 'Task ID', value: taskId }
					: { label: 'Task Scheduler ID', value: id },
			),
			resource: { label: 'task scheduler', id },
			secrets,
			deadline,
			http: { timeout: TIMEOUT_MS[method === 'GET' ? 'GET' : 'POST'], body },
		});
		const difference = Date.parse(String(response.headers.date)) - Date.now();
		if (!Number.isNaN(difference)) {
			clockDifference = Math.max(clockDifference ?? -Infinity, difference);
		}
		return response.body;
	};
	const read = async () => extractRecords(get, await send(get))[0];
	return {
		read,
		now: () => Date.now() + (clockDifference ?? 0),
		count: async () => Number((await read()).task_count ?? NaN),
		add: async (tasks) => await send(addTasks, { body: { tasks } }),
		readTask: async (taskId, deadline) =>
			extractRecords(getTask, await send(getTask, { taskId, deadline }))[0],
	};
}
