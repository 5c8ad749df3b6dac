/**
 * Run by n8n's own Node, which has SQLite and reads TypeScript. Waits until a number of executions of a workflow are
 * finished, and a moment longer for superfluous ones. Prints when the last expected one was seen, and the status and
 * the event of each.
 *
 * Arguments: database file, workflow ID, number of executions, and for other events than those of calls a pattern for
 * the text that identifies them.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../test/support/waitFor.mts';

const [file, workflowId, expected, identity] = process.argv.slice(2);
const TIMEOUT_MS = 900_000;
const SUPERFLUOUS_MS = 1_500;

const database = new DatabaseSync(file, { readOnly: true });
const count = database.prepare(
	`select count(*) n from execution_entity where workflowId = ? and status not in ('new', 'running')`,
);
const isComplete = () => count.get(workflowId).n >= Number(expected);
// Fewer executions are a result, too.
await waitFor('all executions', isComplete, { timeoutMs: TIMEOUT_MS, intervalMs: 50 }).catch(
	console.error,
);
const finishedAt = Date.now();
await delay(SUPERFLUOUS_MS);
const rows = database
	.prepare(
		`select e.status, d.data from execution_entity e join execution_data d on d.executionId = e.id where e.workflowId = ?`,
	)
	.all(workflowId);
const executions = rows.map(({ status, data }) => ({ status, event: findEvent(data) }));
console.log(JSON.stringify({ finishedAt, executions }));

/** Event and call ID. n8n stores the data of an execution as a list that contains each text once. */
function findEvent(data) {
	const texts = JSON.parse(data).filter((each) => typeof each === 'string');
	const find = (pattern) => texts.find((text) => pattern.test(text));
	if (identity) return String(find(new RegExp(identity)));
	return `${find(/^(dial-in|answer|hangup)$/)} ${find(/^\d+-[0-9a-f]{16,}$/)}`;
}
