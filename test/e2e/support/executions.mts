import assert from 'node:assert/strict';

import type { Workflow } from '../../support/n8n/editor.mts';
import { waitFor } from '../../support/waitFor.mts';
import type { Postgres } from './postgres.mts';

const FINISH_MS = 600_000;
const UNFINISHED = ['new', 'running'];

/** An execution as n8n's database has it. */
export interface Execution {
	id: string;
	status: string;
	/** For `parseRun` */
	data: string;
}

/**
 * Waits until `count` executions of a workflow have succeeded and none is left to run.
 *
 * @returns them
 * @throws Error when that takes too long, one fails or there are more
 */
export async function waitForExecutions(postgres: Postgres, { id = '' }: Workflow, count: number) {
	await waitFor(
		`${count} finished executions`,
		async () => {
			const states = await countByStatus(postgres, { id });
			const failed = states.filter(({ status }) => ![...UNFINISHED, 'success'].includes(status));
			assert.deepEqual(failed, []);
			const [state, ...others] = states;
			return others.length === 0 && state?.status === 'success' && state.n >= count;
		},
		{ timeoutMs: FINISH_MS },
	);
	const executions = await readExecutions(postgres, { id });
	assert.equal(executions.length, count);
	return executions;
}

/**
 * Waits until `count` executions of a workflow are finished, successful or not, and none is left to run.
 *
 * @returns how many have each status
 * @throws Error when that takes too long or there are more
 */
export async function waitForStatuses(
	postgres: Postgres,
	workflow: Workflow,
	count: number,
): Promise<Record<string, number>> {
	const states = await waitFor(
		`${count} finished executions`,
		async () => {
			const found = await countByStatus(postgres, workflow);
			const finished = found.filter(({ status }) => !UNFINISHED.includes(status));
			const isEnough = finished.reduce((sum, { n }) => sum + n, 0) >= count;
			return isEnough && finished.length === found.length && found;
		},
		{ timeoutMs: FINISH_MS },
	);
	const counts = Object.fromEntries(states.map(({ status, n }) => [status, n]));
	assert.equal(
		states.reduce((sum, { n }) => sum + n, 0),
		count,
		JSON.stringify(counts),
	);
	return counts;
}

async function countByStatus(postgres: Postgres, { id = '' }: Pick<Workflow, 'id'>) {
	return await postgres.query<{ status: string; n: number }>(
		`select status, count(*) n from execution_entity where "workflowId" = :'id' group by status`,
		{ id },
	);
}

/** All executions of a workflow, with their data. */
export async function readExecutions(
	postgres: Postgres,
	{ id = '' }: Pick<Workflow, 'id'>,
): Promise<Execution[]> {
	return await postgres.query<Execution>(
		`select e.id::text, e.status, d.data from execution_entity e
		join execution_data d on d."executionId" = e.id where e."workflowId" = :'id'`,
		{ id },
	);
}

/** Like `assert.deepEqual` for long lists: shows the first difference. */
export function assertSame(actual: unknown[], expected: unknown[]): void {
	expected.forEach((each, index) => assert.deepEqual(actual[index], each));
	assert.equal(actual.length, expected.length);
}

/** Sorted in an order that depends on nothing but the values. */
export function sortByValue<T>(values: T[]): T[] {
	const texts = new Map(values.map((value) => [value, JSON.stringify(value)]));
	return [...values].sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}
