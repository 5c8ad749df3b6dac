/**
 * Run by n8n's own Node (it has SQLite built in): waits until so many executions of a workflow are
 * finished, and a moment longer for those that should not be; prints one of [status, event and leg]
 * each, and when the last awaited one was seen.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const [file, workflow, wanted] = process.argv.slice(2);
const PATIENCE_MS = 900_000;
const MOMENT_MS = 1_500;

const database = new DatabaseSync(file, { readOnly: true });
const count = database.prepare(
	`select count(*) n from execution_entity where workflowId = ? and status not in ('new', 'running')`,
);
const end = Date.now() + PATIENCE_MS;
while (count.get(workflow).n < Number(wanted) && Date.now() < end) await sleep(50);
const finished = Date.now();
await sleep(MOMENT_MS);
const rows = database
	.prepare(
		`select e.status, d.data from execution_entity e join execution_data d on d.executionId = e.id where e.workflowId = ?`,
	)
	.all(workflow);
console.log(
	JSON.stringify({ finished, rows: rows.map(({ status, data }) => [status, eventIn(data)]) }),
);

/** n8n keeps each text of an execution as one string of a list. */
function eventIn(data) {
	const texts = JSON.parse(data).filter((each) => typeof each === 'string');
	const find = (pattern) => texts.find((each) => pattern.test(each));
	return `${find(/^(dial-in|answer|hangup)$/)} ${find(/^\d+-[0-9a-f]{16,}$/)}`;
}
