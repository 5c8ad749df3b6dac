import type { IDataObject } from 'n8n-workflow';

import type { PbxClient } from '../../shared/transport/client';
import { extractRecords } from '../../shared/transport/records';
import type { Operation } from '../../shared/schema/operation';
import { taskScheduler } from '../resources/taskScheduler';
import type { TaskQueue } from './batchSender';

/** A large batch can take the PBX long, and a lost response leaves all of it unknown. */
const TIMEOUT_MS = { GET: 30_000, POST: 120_000 };

const { get, addTasks } = taskScheduler.operations;

export interface SchedulerClient extends TaskQueue {
	/** The scheduler itself. */
	read(): Promise<IDataObject>;
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
	let clockDifference = 0;
	const send = async ({ method, path }: Operation, body?: IDataObject): Promise<unknown> => {
		const response = await client.request({
			method,
			path: client.path(path, () => ({ label: 'Task Scheduler ID', value: id })),
			resource: { label: 'task scheduler', id },
			secrets,
			http: { timeout: TIMEOUT_MS[method === 'GET' ? 'GET' : 'POST'], body },
		});
		clockDifference = Date.parse(String(response.headers.date)) - Date.now() || 0;
		return response.body;
	};
	const read = async () => extractRecords(get, await send(get))[0];
	return {
		read,
		now: () => Date.now() + clockDifference,
		count: async () => Number((await read()).task_count ?? NaN),
		add: async (tasks) => await send(addTasks, { tasks }),
	};
}
