/**
 * Every fault against every kind of operation, through n8n's engine: what the sandbox did is compared
 * with what the node says. Nothing may be lost, done twice, or left unexplained.
 */
import Table from 'cli-table3';
import type { OnError } from 'n8n-workflow';
import { setTimeout as pause } from 'node:timers/promises';

import { oAuth2 } from '../harness/pbx.mts';
import { useBench } from './support/bench.mts';
import { findViolations, noViolations, reportedOutcomes } from './support/outcomes.mts';
import { expected, faultCases, type FaultCase } from './support/faults.mts';
import { operations, type Operation } from './support/operations.mts';

const MODES = { stop: 'stopWorkflow', 'go on': 'continueRegularOutput' } as const;
type Mode = keyof typeof MODES;
const MODE_NAMES = Object.keys(MODES) as Mode[];

type MatrixOutcome = 'succeeded' | 'failed' | 'unknown' | 'unreported';
const SIGN: Record<MatrixOutcome, string> = {
	succeeded: '+',
	failed: '-',
	unknown: '?',
	unreported: '!',
};
const seen = new Map<string, string[]>();
const total = { ...noViolations, runs: 0, requests: 0 };

const bench = useBench({ extensions: 130 });
afterAll(print);

const applies = ({ only, except }: FaultCase, { nature }: Operation) =>
	(!only || only === nature) && except !== nature;

/** Requests that were given up may still be at work in the PBX. */
async function settled() {
	const { sandbox } = bench;
	for (let tries = 0; tries < 100 && (sandbox.journal.inFlight > 0 || tries < 1); tries++) {
		await pause(5);
	}
}

async function strike(fault: FaultCase, operation: Operation, mode: Mode) {
	const { sandbox } = bench;
	const { items: all, did } = operation.open(sandbox);
	const items = fault.long ? all.slice(0, 1) : all;
	for (const each of fault.faults) sandbox.faults.add({ match: operation.struck, ...each });
	const result = await bench.run(
		{
			authentication: 'oAuth2',
			...operation.parameters,
			...(fault.timeoutMs && { requestOptions: { timeout: fault.timeoutMs } }),
		},
		{ items, credentials: { ringMeOAuth2Api: oAuth2(sandbox) }, onError: MODES[mode] as OnError },
	);
	const requests = sandbox.journal.api().length;
	await settled();
	const reads = ['get', 'list', 'file'].includes(operation.nature);
	// An item that was not sent was not executed either, so both count as failed.
	const outcomes = reportedOutcomes(result, items.length, reads).map(
		(outcome): MatrixOutcome => (outcome === 'notSent' ? 'failed' : outcome),
	);
	// A read that failed gives nothing that could be right.
	const times = outcomes.map((outcome, item) =>
		reads && outcome !== 'succeeded' ? 0 : did(item, result),
	);
	return { result, outcomes, times, requests };
}

/** Whether these outcomes fit a fault that must lead to `what`. */
function assertFits(
	outcomes: MatrixOutcome[],
	what: MatrixOutcome,
	fault: FaultCase,
	operation: Operation,
	mode: Mode,
) {
	if (what === 'succeeded') return expect(outcomes).toEqual(outcomes.map(() => 'succeeded'));
	const struck = outcomes.filter((outcome) => outcome === what).length;
	const all = fault.always === true || operation.nature === 'bulk';
	if (mode === 'go on') {
		expect(struck).toBe(all ? outcomes.length : (fault.strikes ?? 1));
		expect(outcomes.filter((outcome) => outcome !== what && outcome !== 'succeeded')).toEqual([]);
		return;
	}
	expect(struck).toBeGreaterThan(0);
	if (what === 'unknown') {
		// The others were done before, or were not sent.
		if (!all) expect(struck).toBe(fault.strikes ?? 1);
		expect(outcomes).not.toContain('unreported');
	} else {
		expect(outcomes).not.toContain('unknown');
	}
}

describe.each(operations)('$name', (operation) => {
	const cases = faultCases
		.filter((fault) => applies(fault, operation))
		.flatMap((fault) =>
			(fault.long ? (['stop'] as const) : MODE_NAMES).map(
				(mode) => [fault.name, mode, fault] as const,
			),
		);

	it.each(cases)('%s, %s', async (name, mode, fault) => {
		const { result, outcomes, times, requests } = await strike(fault, operation, mode);
		const found = findViolations(outcomes, times);
		for (const key of Object.keys(noViolations) as Array<keyof typeof noViolations>)
			total[key] += found[key];
		total.runs++;
		total.requests += requests;
		const key = `${name}\n${operation.name}`;
		seen.set(key, [...(seen.get(key) ?? []), outcomes.map((outcome) => SIGN[outcome]).join('')]);

		expect(found).toEqual(noViolations);
		assertFits(outcomes, expected(fault, operation), fault, operation, mode);
		const { sandbox } = bench;
		expect(sandbox.journal.api()).toHaveLength(requests);
		expect(sandbox.journal.maxInFlight).toBeLessThanOrEqual(5);
		const visible = JSON.stringify([
			result.json,
			result.error?.message,
			result.error?.description,
			result.logs,
		]);
		expect(visible).not.toContain('sandbox-secret');
		const { access_token: token } = (result.credentialsAfter.ringMeOAuth2Api.oauthTokenData ??
			{}) as {
			access_token?: string;
		};
		expect(token).toBeTruthy();
		expect(visible).not.toContain(token);
	});
});

function print() {
	const names = operations.map(({ name }) => name);
	const table = new Table({
		head: ['Fault', ...names],
		style: { head: [], border: [], compact: true },
	});
	for (const { name } of faultCases) {
		table.push([name, ...names.map((of) => seen.get(`${name}\n${of}`)?.join(' ') ?? '')]);
	}
	process.stdout.write(
		`\n${table.toString()}\n` +
			'Three items each; first with Stop Workflow, then with Continue On Fail.\n' +
			'+ done and said so   - not done and said so   ? told as unknown   ! not told\n' +
			`${total.runs} runs, ${total.requests} requests: ` +
			`${total.lost} lost, ${total.duplicated} duplicated, ${total.unexplained} unexplained\n`,
	);
}
