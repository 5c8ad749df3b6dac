import type { Row } from '../api.mts';
import { fieldsOf } from '../api.mts';
import { shapeOf, formOf } from '../describe.mts';
import { NotAnswerable } from '../errors.mts';
import { confirmed, refuted, verdictOf, type Probe } from '../probe.mts';

/** Fields of an entry of a task's `cdr`. */
const CDR_FIELDS = [
	'attempt',
	'side',
	'number',
	'call_uuid',
	'result',
	'duration',
	'start_time_gmt',
	'record_uuid',
];

/** Records of the single resources. */
export const resources: Probe[] = [
	{
		name: 'extension-names',
		assumption: 'Names of extensions are <prefix>*<number> with 2 to 4 digits.',
		requests: 2,
		async ask(pbx) {
			const { prefix } = fieldsOf((await pbx.read('client/')).json);
			const rows = await pbx.list('extension/');
			if (rows.length === 0) throw new NotAnswerable('There are no extensions.');
			for (const row of rows) {
				const name = String(row.name);
				const start = `${String(prefix)}*`;
				if (!name.startsWith(start) || !/^\d{2,4}$/.test(name.slice(start.length))) {
					return refuted(`the form ${formOf(name)}`);
				}
			}
			return confirmed;
		},
	},
	{
		name: 'agent-status',
		assumption: 'The status of an agent is {"status": "available"} in responses.',
		requests: 2,
		async ask(pbx) {
			const [agent] = [...(await pbx.list('agent/local/')), ...(await pbx.list('agent/remote/'))];
			if (!agent) throw new NotAnswerable('There are no agents.');
			const { status } = fieldsOf(agent.status);
			return verdictOf(status === 'available' || status === 'logged_out', () =>
				shapeOf(agent.status),
			);
		},
	},
	{
		name: 'domain-object',
		assumption: 'The domain of aliases and DIDs is {"id", "name"}; the filter compares the name.',
		requests: 3,
		async ask(pbx) {
			const did = await pbx.first('did/');
			const [alias = did] = await pbx.list('alias/');
			for (const { domain } of [did, alias]) {
				const { id, name } = fieldsOf(domain);
				if (typeof id !== 'number' || typeof name !== 'string') return refuted(shapeOf(domain));
			}
			const { name } = fieldsOf(did.domain);
			const rows = await pbx.list('did/', [['domain', String(name)]]);
			const isFound = rows.some(({ id }) => id === did.id);
			return verdictOf(isFound, () => 'the filter does not find a DID by the name of its domain');
		},
	},
	{
		name: 'interval-conditions',
		assumption: 'The conditions of an interval have no type.',
		requests: 1,
		async ask(pbx) {
			const conditions = (await pbx.list('interval/')).flatMap((row) =>
				Array.isArray(row.conditions) ? (row.conditions as Row[]) : [],
			);
			if (conditions.length === 0) throw new NotAnswerable('No interval has conditions.');
			const typed = conditions.find((condition) => 'type' in fieldsOf(condition));
			return verdictOf(!typed, () => `type: ${shapeOf(typed?.type)}`);
		},
	},
	{
		name: 'task-cdr',
		assumption: 'The cdr of a task is JSON text: a list with an entry per dialed side.',
		requests: 1,
		async ask(pbx) {
			const { schedulerId, taskId } = pbx.ids;
			if (!schedulerId || !taskId) throw new NotAnswerable('It needs --scheduler and --task.');
			const path = `task_scheduler/${encodeURIComponent(schedulerId)}/task/${encodeURIComponent(taskId)}`;
			const { cdr, status } = fieldsOf((await pbx.read(path)).json);
			if (cdr === null || cdr === undefined) {
				throw new NotAnswerable(`The task has no cdr; its status is ${formOfWord(status)}.`);
			}
			if (typeof cdr !== 'string') return refuted(shapeOf(cdr));
			const entries = parseJson(cdr);
			if (!Array.isArray(entries)) return refuted(`${shapeOf(entries)} in a text`);
			const isExpected = entries.every((entry) =>
				CDR_FIELDS.every((field) => field in fieldsOf(entry)),
			);
			return verdictOf(isExpected, () => `${shapeOf(entries)} in a text`);
		},
	},
];

const formOfWord = (value: unknown) => (/^[a-z_]{1,30}$/.test(String(value)) ? String(value) : '?');

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
