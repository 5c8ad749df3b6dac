/**
 * Runs every input for a date with every form of a date, and prints what the PBX got. A program of its own,
 * because the time zone of a process is fixed when it starts.
 */
import type {
	IDataObject,
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
} from 'n8n-workflow';

import { loadContract } from '../../../sandbox/http/contract.mts';
import { accessToken, byId, createFixture } from '../../harness/fixture.mts';
import { BuiltNode, variantsOf, type NodeOperation } from '../../wire/support/node.mts';
import { validParameters } from '../../wire/support/validParameters.mts';
import {
	DATE_FORMS,
	expressionOf,
	INTERVAL_ZONE,
	TIME_FORMS,
	type DateForm,
	type DateInputResult,
} from './dateForms.mts';

const NODES = ['ringMe', 'ringMeTrigger', 'ringMeCallTrigger', 'ringMePollingTrigger'];

const fixture = await createFixture();
const contract = await loadContract();
const node = new BuiltNode(fixture.engine.n8n, fixture.engine.description('ringMe'));
const results: DateInputResult[] = [];

const isTimeOfDay = ({ displayName, type }: INodeProperties) =>
	type === 'string' && /^Time (From|To)$/.test(displayName);
const isDate = (property: INodeProperties) => property.type === 'dateTime';

interface Sent {
	query: IDataObject;
	body: IDataObject;
}

/** Runs parameters once for each form, one after the other. @returns the first request of each; null without one */
async function runForms<T extends { value: unknown }>(
	forms: T[],
	parametersFor: (form: T) => INodeParameters,
): Promise<Array<Sent | null>> {
	const sent = [];
	for (const form of forms) {
		fixture.sandbox.journal.clear();
		const { error } = await fixture.engine.runUntilItWaits({
			node: 'ringMe',
			parameters: { authentication: 'accessToken', ...parametersFor(form) },
			credentials: { ringMeApi: accessToken(fixture.sandbox) },
			json: [{ value: form.value } as IDataObject],
		});
		const requests = fixture.sandbox.journal.api();
		// Add Tasks reads the scheduler first.
		const request = requests.find(({ path }) => path.endsWith('/tasks/')) ?? requests[0];
		if (!request && !error) throw new Error(`Nothing sent, and no error: ${JSON.stringify(form)}`);
		sent.push(request ? { query: request.query, body: (request.body ?? {}) as IDataObject } : null);
	}
	return sent;
}

const report = (
	input: string,
	kind: DateInputResult['kind'],
	requests: Array<Sent | null>,
	read: (request: Sent) => unknown,
) =>
	void results.push({
		input,
		kind,
		sent: requests.map((request) => (request ? String(read(request)) : null)),
	});

function set(
	parameters: INodeParameters,
	[first, second]: string[],
	value: unknown,
): INodeParameters {
	if (second === undefined) return { ...parameters, [first]: value as string };
	const members = (parameters[first] ?? {}) as INodeParameters;
	return { ...parameters, [first]: { ...members, [second]: value as string } };
}

const parametersOf = async (operation: NodeOperation) =>
	await validParameters(node, contract, fixture.sandbox, operation);

/** Inputs of the request itself: all at once, so that a range begins and ends at the same time. */
async function runDates(operation: NodeOperation) {
	const { query, body } = node.inputs(operation);
	const inputs = [...query, ...body].filter(({ property }) => isDate(property));
	if (!inputs.length) return;
	const parameters = await parametersOf(operation);
	const requests = await runForms(DATE_FORMS, (form) =>
		inputs.reduce((all, { path }) => set(all, path, expressionOf(form)), parameters),
	);
	for (const { name, path } of inputs) {
		const input = `${operation.resource}.${operation.operation} ${path.join('.')}`;
		report(input, 'dateTime', requests, ({ query, body: fields }) => query[name] ?? fields[name]);
	}
}

/** Columns of rows, one row of each variant. */
async function runRows(operation: NodeOperation) {
	const { body } = node.inputs(operation);
	for (const { name, path, property } of body) {
		if (property.type !== 'fixedCollection') continue;
		for (const variant of variantsOf(property)) {
			const columns = variant.values.filter((column) => isDate(column) || isTimeOfDay(column));
			if (!columns.length) continue;
			const parameters = {
				...(await parametersOf(operation)),
				intervalTimezone: ` ${INTERVAL_ZONE}\u00a0`,
			};
			for (const isClock of [true, false]) {
				const tried = columns.filter((column) => isTimeOfDay(column) === isClock);
				if (!tried.length) continue;
				const requests = await runForms<DateForm>(isClock ? TIME_FORMS : DATE_FORMS, (form) => {
					const row = Object.fromEntries(tried.map((column) => [column.name, expressionOf(form)]));
					// A rotation needs its first day, whatever is tried.
					if (variant.name === 'rotation') row.schedStartDate ??= '2036-01-01';
					return set(parameters, path, { [variant.name]: [row] });
				});
				for (const column of tried) {
					const kind = column.typeOptions?.dateOnly ? 'date' : 'localDateTime';
					report(
						`${operation.resource}.${operation.operation} ${path.join('.')}.${variant.name}.${column.name}`,
						isClock ? 'timeOfDay' : kind,
						requests,
						({ body: fields }) => (fields[name] as IDataObject[])[0][snakeCase(column.name)],
					);
				}
			}
		}
	}
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Tasks read their inputs themselves. */
async function runTasks() {
	const base = { resource: 'taskScheduler', schedulerId: byId(1) };
	const numbers = { aNumber: '447700900001', bNumber: '101' };
	const addTasks = { ...base, operation: 'addTasks', taskInput: 'fields', ...numbers };
	const waitForever = { ...base, operation: 'callAndWait', limitWaitTime: false, ...numbers };
	const inputs: Record<string, (expression: string) => INodeParameters> = {
		'addTasks taskFields.startTimeUtc': (startTimeUtc) => ({
			...addTasks,
			taskFields: { startTimeUtc },
		}),
		'addTasks options.startTimeUtc': (startTimeUtc) => ({
			...addTasks,
			options: { startTimeUtc },
		}),
		'callAndWait options.startTimeUtc': (startTimeUtc) => ({
			...waitForever,
			options: { startTimeUtc },
		}),
		'addTasks start_time_utc of an item': (expression) => ({
			...addTasks,
			taskInput: 'json',
			tasks: `={{ [{ a_number: '101', start_time_utc: ${expression.slice(4, -3)} }] }}`,
		}),
	};
	for (const [input, parametersFor] of Object.entries(inputs)) {
		const requests = await runForms(DATE_FORMS, (form) => parametersFor(expressionOf(form)));
		report(
			`taskScheduler.${input}`,
			input.endsWith('of an item') ? 'column' : 'dateTime',
			requests.map((request) => (request?.body.tasks ? request : null)),
			({ body }) => (body.tasks as IDataObject[])[0].start_time_utc,
		);
	}
}

/** The names of all inputs for dates and times, wherever they are in a description. */
function* declaredIn(properties: INodeProperties[], path: string): Generator<string> {
	for (const property of properties) {
		const own = `${path} ${property.name}`;
		if (isDate(property) || isTimeOfDay(property)) yield own;
		for (const option of (property.options ?? []) as Array<
			INodeProperties | INodePropertyCollection
		>) {
			if ('values' in option) yield* declaredIn(option.values, own);
			else if ('type' in option) yield* declaredIn([option], own);
		}
	}
}

for (const operation of node.operations()) {
	if (operation.operation === 'addTasks') continue;
	await runDates(operation);
	await runRows(operation);
}
await runTasks();
const declared = NODES.flatMap((name) => [
	...declaredIn(fixture.engine.description(name).properties, name),
]);
process.stdout.write(JSON.stringify({ declared, inputs: results }));
await fixture.sandbox.stop();
process.exit(0);
