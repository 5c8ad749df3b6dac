import assert from 'node:assert/strict';
import type { ExamplesEnvironment } from './environment.mts';

interface RuleResult {
	ruleId: string;
	nbAffectedWorkflows: number;
}

/** Uses an expression that n8n 3 removes: the report must find it. */
const OUTDATED = {
	name: 'Outdated',
	nodes: [
		{
			name: 'Wait',
			type: 'n8n-nodes-base.wait',
			typeVersion: 1.1,
			position: [0, 0],
			parameters: { amount: '={{ $getPairedItem().json.seconds }}' },
		},
	],
	connections: {},
};

/**
 * Imports the examples and asks n8n for its report on the migration to n8n 3.
 *
 * @throws Error with n8n's rules that an example breaks
 */
export async function checkMigrationReport(
	{ editor, importWorkflow }: Pick<ExamplesEnvironment, 'editor' | 'importWorkflow'>,
	files: string[],
): Promise<void> {
	for (const file of files) await importWorkflow(file, { unchanged: true });
	const before = await affectedWorkflows();
	await editor.createWorkflow(OUTDATED);
	assert.deepEqual(await affectedWorkflows(), [...before, 'get-paired-item-v3: 1']);
	assert.deepEqual(before, []);

	async function affectedWorkflows(): Promise<string[]> {
		const { report } = await editor.send<{ report: { workflowResults: RuleResult[] } }>(
			'POST',
			'/breaking-changes/report/refresh?version=v3',
		);
		return report.workflowResults
			.filter(({ nbAffectedWorkflows }) => nbAffectedWorkflows > 0)
			.map(({ ruleId, nbAffectedWorkflows }) => `${ruleId}: ${nbAffectedWorkflows}`);
	}
}
