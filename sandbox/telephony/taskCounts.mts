import type { Store } from '../state/store.mts';

/** The two counts that `GET task_scheduler/{id}` shows, of the tasks as they are now. */
export function taskCounts(store: Store, schedulerId: number) {
	const tasks = store.tasks.by(schedulerId);
	let sched_task_count = 0;
	for (const { status } of tasks) if (status === 'scheduled') sched_task_count++;
	return { task_count: tasks.size, sched_task_count };
}
