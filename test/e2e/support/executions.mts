import assert from 'node:assert/strict';

import type { Workflow } from '../../../scripts/n8n/editor.mts';
import { until } from '../../../scripts/until.mts';
import type { Postgres } from './postgres.mts';

const WORK_MS = 120_000;

/** An execution as n8n's database has it. */
export interface Execution {
	id: string;
	status: string;
	/** For `runOf` */
	data: string;
}

/**
 * The executions of a workflow, when so many have ended well and none is left to run.
 *
 * @throws Error when they do not in time, one fails or there are more
 */
export async function finished(postgres: Postgres, { id = '' }: Workflow, count: number) {
	await until(
		`${count} finished executions`,
		async () => {
			const states = await postgres.query<{ status: string; n: number }>(
				`select status, count(*) n from execution_entity where "workflowId" = :'id' group by status`,
				{ id },
			);
			const failed = states.filter(({ status }) => !['success', 'new', 'running'].includes(status));
			assert.deepEqual(failed, []);
			const [good, ...others] = [...states].sort(({ status }) => (status === 'success' ? -1 : 1));
			return others.length === 0 && good?.status === 'success' && good.n >= count;
		},
		WORK_MS,
	);
	const executions = await kept(postgres, { id });
	assert.equal(executions.length, count);
	return executions;
}

/** All executions of a workflow, with their data. */
export async function kept(
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

/** In an order that depends on nothing but the values. */
export function inOrder<T>(values: T[]): T[] {
	const texts = new Map(values.map((value) => [value, JSON.stringify(value)]));
	return [...values].sort((one, other) => (texts.get(one)! < texts.get(other)! ? -1 : 1));
}
