import type { Task } from '../state/types.mts';
import type { Delivery, Fields } from './delivery.mts';

/** The events of a task that have a webhook URL. */
export type TaskEvent = 'before' | 'before_again' | 'success' | 'after';

/** Sends the fields to the URL; never rejects. */
export type SendTaskWebhook = (
	event: TaskEvent,
	orderingKey: string,
	url: string,
	fields: Fields,
) => Promise<Delivery>;

/**
 * Calls a task's webhook URL for this event, if it has one: POST, urlencoded, like the phone events. What
 * a real PBX sends is not known (ASSUMPTIONS.md). The task goes on whatever the response is.
 */
export async function callTaskWebhook(
	send: SendTaskWebhook,
	task: Task,
	event: TaskEvent,
	{ attempt, callId }: { attempt: number; callId?: string },
): Promise<void> {
	const url = task[`url_${event}`];
	if (!url) return;
	const values = {
		event,
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
	await send(event, `task-${task.id}`, url, fields);
}
