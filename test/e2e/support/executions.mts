import assert from 'node:assert/strict';

import type { Workflow } from '../../support/n8n/editor.mts';
import { waitFor } from '../../support/waitFor.mts';
import type { Postgres } from './postgres.mts';

const FINISH_MS = 600_000;

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
			const states = await postgres.query<{ status: string; n: number }>(
				`select status, count(*) n from execution_entity where "workflowId" = :'id' group by status`,
				{ id },
			);
			const failed = states.filter(({ status }) => !['success', 'new', 'running'].includes(status));
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
