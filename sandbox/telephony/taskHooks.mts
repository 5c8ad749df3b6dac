import type { Task } from '../state/types.mts';
import type { Delivery, Fields } from './delivery.mts';

/** When a task tells a URL about itself. */
export type HookMoment = 'before' | 'before_again' | 'success' | 'after';

/** Sends the fields to the URL; never rejects. */
export type HookSender = (
	event: HookMoment,
	lane: string,
	url: string,
	fields: Fields,
) => Promise<Delivery>;

/**
 * Tells a task's URL, if it has one for this moment: POST, urlencoded, like the events. What the real
 * PBX sends is not known (ASSUMPTIONS.md). Whatever the answer is, the task goes on.
 */
export async function callHook(
	send: HookSender,
	task: Task,
	moment: HookMoment,
	{ attempt, callId }: { attempt: number; callId?: string },
): Promise<void> {
	const url = task[`url_${moment}`];
	if (!url) return;
	const values = {
		event: moment,
		task_id: task.id,
		scheduler_id: task.scheduler_id,
		name: task.name,
		a_number: task.a_number,
		b_number: task.b_number,
		extension_id: task.extension_id,
		status: task.status,
		attempt,
		try_count: task.try_count,
		finish_result: task.finish_result,
		finish_comment: task.finish_comment,
		call_id: callId,
		variables: task.variables && JSON.stringify(task.variables),
	};
	const fields: Fields = {};
	for (const [name, value] of Object.entries(values)) {
		if (value !== null && value !== undefined) fields[name] = String(value);
	}
	await send(moment, `task-${task.id}`, url, fields);
}
