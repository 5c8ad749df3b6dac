/**
 * The fault matrix: every fault of the sandbox against every kind of operation, through n8n's engine.
 * What the PBX executed is compared with what the node reports.
 *
 * Each operation runs with three items, once with Stop Workflow and once with Continue On Fail. In
 * every run:
 *
 * - No item is lost, duplicated or unexplained (outcomes.mts says what that is).
 * - The items that meet the fault have the outcome that faultCases.mts states for the fault and the
 *   kind of operation; the others succeed or, with Stop Workflow, may not have been sent.
 * - No secret is in the output, the error or the log.
 *
 * The outcomes are printed as a table at the end.
 */
import Table from 'cli-table3';
import type { OnError } from 'n8n-workflow';

import type { Fault } from '../../../sandbox/index.mts';
import { oAuth2, setupFixture } from '../../harness/fixture.mts';
import { waitFor } from '../../support/waitFor.mts';
import { expectedOutcome, faultCases, type FaultCase } from './faultCases.mts';
import { isReadOnly, type Operation } from './operations.mts';
import {
	findViolations,
	itemsWith,
	noViolations,
	reportedOutcomes,
	type ReportedOutcome,
	type Violations,
} from './outcomes.mts';

const MODES: Array<{ name: string; onError: OnError }> = [
	{ name: 'Stop Workflow', onError: 'stopWorkflow' },
	{ name: 'Continue On Fail', onError: 'continueRegularOutput' },
];
const SIGNS: Record<ReportedOutcome, string> = {
	succeeded: '+',
	failed: '-',
	notSent: '-',
	unknown: '?',
	unreported: '!',
};
const fixture = setupFixture({ extensions: 130 });

/** Outcomes of the runs, by fault and operation, for the table. */
const outcomesByCell = new Map<string, string[]>();
const cellKey = (faultName: string, operationName: string) => `${faultName}\n${operationName}`;
const totals: Violations & { runs: number; requests: number } = {
	...noViolations,
	runs: 0,
	requests: 0,
};

/** Defines the tests of these operations, and prints their table at the end. */
export function testMatrix(operations: Operation[]) {
	afterAll(() => printTable(operations));
	describe.each(operations)('the operation "$name"', testOperation);
}

function testOperation(operation: Operation) {
	const runs = faultCases
		.filter(({ only, except }) => (!only || only === operation.kind) && except !== operation.kind)
		.flatMap((faultCase) =>
			MODES.slice(0, faultCase.isSlow ? 1 : undefined).map(
				({ name, onError }) => [faultCase.name, name, faultCase, onError] as const,
			),
		);

	it.each(runs)(
		'has the expected outcome when it meets the fault "%s" with %s',
		async (_faultName, _modeName, faultCase, onError) => {
			const { result, outcomes, executions, requestCount } = await run(
				operation,
				faultCase,
				onError,
			);
			const violations = findViolations(outcomes, executions);
			record(operation, faultCase, outcomes, violations, requestCount);

			expect(violations).toEqual(noViolations);
			assertOutcomes(outcomes, operation, faultCase, onError);
			const { journal } = fixture.sandbox;
			expect(journal.api()).toHaveLength(requestCount);
			expect(journal.maxInFlight).toBeLessThanOrEqual(5);
			const visible = JSON.stringify([
				result.json,
				result.error?.message,
				result.error?.description,
				result.logs,
			]);
			expect(visible).not.toContain('sandbox-secret');
			const { oauthTokenData } = result.credentialsAfter.ringMeOAuth2Api;
			const token = (oauthTokenData as { access_token?: string } | undefined)?.access_token;
			expect(token).toBeTruthy();
			expect(visible).not.toContain(token);
		},
	);
}

/** Runs an operation under a fault, and waits until the PBX has finished all of its requests. */
async function run(operation: Operation, faultCase: FaultCase, onError: OnError) {
	const { sandbox } = fixture;
	const prepared = await operation.prepare(sandbox, fixture.engine);
	const items = faultCase.isSlow ? prepared.items.slice(0, 1) : prepared.items;
	const isWrite = ['create', 'transfer'].includes(operation.kind);
	const after = faultCase.lastOfWrites && isWrite ? items.length - 1 : 0;
	const faults = faultCase.faults.map((fault) =>
		sandbox.faults.add({ match: operation.faultTarget, after, ...fault }),
	);
	const endFaults = bringAbout(faultCase, faults);
	const result = await fixture.run(
		{
			authentication: 'oAuth2',
			...operation.parameters,
			...(prepared.options && { options: prepared.options }),
		},
		{ items, credentials: { ringMeOAuth2Api: oAuth2(sandbox) }, onError },
	);
	const requestCount = sandbox.journal.api().length;
	// The PBX may still work on a request that the node no longer waits for.
	await endFaults();
	await waitFor('the PBX to finish all requests', () => sandbox.journal.inFlight === 0);
	const isRead = isReadOnly(operation);
	const outcomes = reportedOutcomes(result, items.length, isRead);
	// A read that failed returns nothing that could be right.
	const executions = await Promise.all(
		outcomes.map(async (outcome, item) =>
			isRead && outcome !== 'succeeded'
				? 0
				: await prepared.countExecutions(item, result, fixture.engine),
		),
	);
	await prepared.close?.();
	return { result, outcomes, executions, requestCount };
}

/**
 * Makes happen what a fault only allows: the PBX holds a request until the client's timeout, or a little; it
 * accepts connections again while the client waits.
 *
 * @returns how to end what lasts
 */
function bringAbout({ timesOut }: FaultCase, faults: Fault[]) {
	const { timers, sandbox } = fixture;
	for (const fault of faults.filter(({ kind }) => kind === 'hold')) {
		void fault.held().then(async ([{ port }]) => {
			if (timesOut) timers.timeOut(port);
			else await fault.release();
		});
	}
	const end = async () => await sandbox.faults.release();
	if (!timesOut) timers.beforeEnd = end;
	return end;
}

function assertOutcomes(
	outcomes: ReportedOutcome[],
	operation: Operation,
	faultCase: FaultCase,
	onError: OnError,
) {
	const expected = expectedOutcome(faultCase, operation);
	const affected = itemsWith(expected, outcomes);
	if (expected === 'succeeded') {
		expect(affected).toHaveLength(outcomes.length);
		return;
	}
	const affectsAll = faultCase.isPermanent === true || operation.kind === 'bulk';
	const affectedItems = affectsAll ? outcomes.length : (faultCase.affectedItems ?? 1);
	if (onError === 'continueRegularOutput') {
		expect(affected).toHaveLength(affectedItems);
		expect(itemsWith('succeeded', outcomes)).toHaveLength(outcomes.length - affectedItems);
		return;
	}
	expect(affected.length).toBeGreaterThan(0);
	if (expected === 'failed') {
		expect(outcomes).not.toContain('unknown');
	} else {
		// The others succeeded before, or were not sent.
		if (!affectsAll) expect(affected).toHaveLength(affectedItems);
		expect(outcomes).not.toContain('unreported');
	}
}

function record(
	operation: Operation,
	{ name }: FaultCase,
	outcomes: ReportedOutcome[],
	violations: Violations,
	requestCount: number,
) {
	const key = cellKey(name, operation.name);
	const signs = outcomes.map((outcome) => SIGNS[outcome]).join('');
	outcomesByCell.set(key, [...(outcomesByCell.get(key) ?? []), signs]);
	totals.lost += violations.lost;
	totals.duplicated += violations.duplicated;
	totals.unexplained += violations.unexplained;
	totals.runs++;
	totals.requests += requestCount;
}

function printTable(operations: Operation[]) {
	const names = operations.map(({ name }) => name);
	const table = new Table({
		head: ['Fault', ...names],
		style: { head: [], border: [], compact: true },
	});
	for (const fault of faultCases) {
		const cells = names.map((name) => outcomesByCell.get(cellKey(fault.name, name)) ?? []);
		const isTested = cells.some((runs) => runs.length > 0);
		if (isTested) table.push([fault.name, ...cells.map((runs) => runs.join(' '))]);
	}
	process.stdout.write(
		`\n${table.toString()}\n` +
			'Three items each; first with Stop Workflow, then with Continue On Fail.\n' +
			'+ succeeded   - failed or not sent   ? outcome unknown   ! not reported\n' +
			`${totals.runs} runs, ${totals.requests} requests: ` +
			`${totals.lost} lost, ${totals.duplicated} duplicated, ${totals.unexplained} unexplained\n`,
	);
}
