import type { Task } from '../state/types.mts';
import type { ClockScope } from './clock.mts';
import type { DeliveryRequest, Fields } from './delivery.mts';
import type { TaskWebhookForm } from './options.mts';
import type { EventPublisher } from './publisher.mts';

/** The events of a task that have a webhook URL. */
export type TaskEvent = 'before' | 'before_again' | 'success' | 'after';

/** What the task itself does not know about an event. */
export interface TaskEventDetails {
	attempt: number;
	callId?: string;
}

/** Calls the webhook URLs of tasks. */
export class TaskWebhooks {
	/** @param form how the next events are delivered; may be replaced at any time */
	constructor(
		private readonly publisher: EventPublisher,
		private readonly clock: ClockScope,
		public form: TaskWebhookForm,
	) {}

	/**
	 * Calls a task's webhook URL for this event, if it has one. Resolves when its deliveries have ended, or
	 * immediately if they come late. Never rejects; the task goes on whatever the response is.
	 */
	async call(task: Task, event: TaskEvent, details: TaskEventDetails): Promise<void> {
		const url = task[`url_${event}`];
		if (!url) return;
		const { form } = this;
		const request = {
			event,
			url,
			method: form.method,
			...contentOf(describeTask(task, event, details), form),
		};
		// With an ordering key of its own the repeated delivery does not wait for the first one.
		const keys = [`task-${task.id}`, `task-${task.id} repeated`].slice(0, form.times);
		const send = async () =>
			await Promise.all(
				keys.map(async (orderingKey) => await this.publisher.send({ ...request, orderingKey })),
			);
		if (form.delaySeconds > 0)
			this.clock.schedule(form.delaySeconds * 1000, async () => void (await send()));
		else await send();
	}
}

/** The fields of an event, without those that are not set. */
function describeTask(
	task: Task,
	event: TaskEvent,
	{ attempt, callId }: TaskEventDetails,
): Record<string, unknown> {
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
		variables: task.variables,
	};
	return Object.fromEntries(
		Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
	);
}

/** What is sent about an event. */
function contentOf(
	{ task_id, ...others }: Record<string, unknown>,
	{ payload, taskId }: TaskWebhookForm,
): Pick<DeliveryRequest, 'fields' | 'json'> {
	const values: Record<string, unknown> = taskId ? { task_id, ...others } : others;
	if (payload === 'empty') return { fields: {} };
	if (payload === 'json') return { fields: {}, json: values };
	const fields: Fields = {};
	for (const [name, value] of Object.entries(values)) {
		const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
		fields[payload === 'otherNames' ? otherName(name) : name] = text;
	}
	return { fields };
}

/** `task_id` in the style of the phone events: `TaskID`. */
function otherName(name: string): string {
	if (name === 'event') return 'EventType';
	return name
		.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
		.replace(/Id$/, 'ID');
}
