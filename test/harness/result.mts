/** Converts an execution, as n8n would save it, into the result that tests check. */
import type { IRun } from 'n8n-workflow';

import type { StoredCredential } from './credentials.mts';
import type { RunResult } from './types.mts';

/** The result of the node `name` (default: the last one executed). */
export async function resultOf(
	run: IRun,
	name: string | undefined,
	{
		stored,
		...measured
	}: { stored: Record<string, StoredCredential> } & Pick<RunResult, 'logs' | 'timeMs'>,
): Promise<RunResult> {
	const { runData, lastNodeExecuted, error } = run.data.resultData;
	const task = runData[name ?? lastNodeExecuted ?? '']?.at(-1);
	const output = (task?.data?.main ?? []).map((items) => items ?? []);
	const items = output[0] ?? [];
	const credentialsAfter: RunResult['credentialsAfter'] = {};
	for (const [type, credential] of Object.entries(stored)) {
		credentialsAfter[type] = await credential.data();
	}
	return {
		status: run.status,
		output,
		items,
		json: items.map(({ json }) => json),
		error: error ?? task?.error,
		hints: task?.hints ?? [],
		credentialsAfter,
		...measured,
		run,
	};
}
