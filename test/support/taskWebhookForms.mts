import type { TaskWebhookOptions } from '../../sandbox/telephony/index.mts';

/** The forms of the PBX's requests about a task. How a real PBX sends them is documented nowhere. */
export const TASK_WEBHOOK_FORMS: TaskWebhookOptions[] = [
	{},
	{ method: 'GET' },
	{ taskId: false },
	{ method: 'GET', taskId: false },
	{ payload: 'empty' },
	{ method: 'GET', payload: 'empty' },
	{ payload: 'json' },
	{ payload: 'json', taskId: false },
	{ payload: 'otherNames' },
	{ method: 'GET', payload: 'otherNames' },
	{ payload: 'otherNames', taskId: false },
	{ method: 'GET', payload: 'otherNames', taskId: false },
	{ delaySeconds: 1 },
	{ beforeResponse: true },
];
