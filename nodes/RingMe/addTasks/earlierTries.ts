import { ValidationError } from '../../shared/errors/validationError';
import { mayBeAdded, type PendingTask, type WriteMemory } from '../run/writeMemory';
import { newPendingTask } from './pendingTask';

/** Whether what happened to the task in an earlier try is final: it may be added, or must not be. */
const isFinal = ({ result, skipped }: PendingTask) => skipped !== undefined || mayBeAdded(result);

/**
 * The tasks of this try of *Retry On Fail*. A task of an earlier try that may be in the task scheduler, or
 * was skipped, stands as it was, whatever this try has read in its place: expressions with the time give
 * another value in each try. An item with another number of tasks than before, some of which may be added,
 * stands as a whole, because nobody knows which of its tasks is which.
 *
 * @param tasks as this try has read them
 */
export function restoreEarlierTries(tasks: PendingTask[], memory: WriteMemory): PendingTask[] {
	if (memory.hasNoTasks) return tasks;
	const restored: PendingTask[] = [];
	for (const ofItem of byItem(tasks)) {
		const earlier = memory.tasksOf(ofItem[0].itemIndex);
		const isSameCount = earlier.length === ofItem.length;
		if (isSameCount || !earlier.some(({ result }) => mayBeAdded(result))) {
			for (const task of ofItem) {
				const before = isSameCount ? earlier[task.position] : undefined;
				restored.push(before && isFinal(before) ? before : task);
			}
		} else {
			for (const task of earlier) restored.push(isFinal(task) ? task : notSentAgain(task));
		}
	}
	return restored;
}

/** The tasks of a try that could not read them: what is final stands, and nothing is sent. */
export function tasksWithoutReading(
	itemIndexes: number[],
	memory: WriteMemory,
	error: unknown,
): PendingTask[] {
	return itemIndexes.flatMap((itemIndex) => {
		const earlier = memory.tasksOf(itemIndex);
		const tasks = earlier.length > 0 ? earlier : [newPendingTask(itemIndex)];
		return tasks.map((task) => (isFinal(task) ? task : { ...task, error, result: undefined }));
	});
}

function notSentAgain(task: PendingTask): PendingTask {
	const error =
		task.error ??
		new ValidationError(
			'The item has another number of tasks than when the node ran before, so no more of them were added',
			"Some are in the task scheduler already. With 'Retry On Fail', use expressions that give the same tasks in each try.",
		);
	return { ...task, error, result: undefined };
}

/** The tasks in groups of the same item. Those of an item follow one another. */
function* byItem(tasks: PendingTask[]): Generator<PendingTask[]> {
	for (let start = 0; start < tasks.length; ) {
		let end = start + 1;
		while (tasks[end]?.itemIndex === tasks[start].itemIndex) end++;
		yield tasks.slice(start, end);
		start = end;
	}
}
