/**
 * Add Tasks under random sequences of faults, through n8n's engine: no task is lost, none is added
 * twice, and the node reports the outcome of each. fast-check shrinks a sequence that fails to the
 * smallest one, and prints the seed that repeats it.
 */
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';

import type { FaultInput } from '../../sandbox/index.mts';
import { oAuth2 } from '../harness/fixture.mts';
import { setupFixture } from './support/fixture.mts';
import {
	findViolations,
	noViolations,
	reportedOutcomes,
	type ReportedOutcome,
} from './support/outcomes.mts';

const RUNS = 600;
const SEED = 20_260_523;
const MAX_ITEMS = 10;
/** Only ends what hangs. */
const TIMEOUT_MS = 600_000;

const fixture = setupFixture({ seed: 'empty' }, 200);

/** Faults after which the PBX may have added tasks without confirming it. */
const UNCERTAIN_FAULTS = [
	'dropBefore',
	'dropAfter',
	'refuse',
	'truncate',
	'html200',
	'emptyBody',
	'wrongShape',
	'halfBatch',
];

const arbitraryFault: fc.Arbitrary<FaultInput> = fc.oneof(
	fc.constantFrom<FaultInput>(
		{ kind: 'halfBatch' },
		{ kind: 'dropBefore' },
		{ kind: 'dropAfter' },
		{ kind: 'tokenDeath' },
		{ kind: 'rateLimit', retryAfter: 0 },
		{ kind: 'rateLimit', reset: 1800 },
		{ kind: 'truncate' },
		{ kind: 'html200' },
		{ kind: 'emptyBody' },
		{ kind: 'wrongShape' },
		{ kind: 'refuse', ms: 5 },
	),
	fc.record({
		kind: fc.constant('status' as const),
		status: fc.constantFrom(401, 403, 404),
		retryAfter: fc.constant(0),
	}),
	// A PBX may have added part of a batch that it rejects, and all of one that ends in a server error.
	fc.record({
		kind: fc.constant('status' as const),
		status: fc.constantFrom(400, 413, 422, 500, 502, 503, 504),
		acts: fc.boolean(),
		retryAfter: fc.constant(0),
	}),
);

/** A fault that some requests of one method meet. */
const arbitraryInjection = fc.record({
	fault: arbitraryFault,
	method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET'),
	/** Number of requests that pass first. */
	after: fc.nat({ max: 5 }),
	times: fc.constantFrom(1, 1, 2, 4),
});

const arbitraryScenario = fc.record({
	/** Whether the number of each item is valid. The PBX rejects one with letters. */
	validity: fc.array(fc.constantFrom(true, true, true, true, true, false), {
		minLength: 1,
		maxLength: MAX_ITEMS,
	}),
	/** Items whose numbers are on the do-not-call list. */
	doNotCall: fc.subarray(
		Array.from({ length: MAX_ITEMS }, (_, item) => item),
		{ maxLength: 2 },
	),
	batchSize: fc.integer({ min: 1, max: 6 }),
	injections: fc.array(arbitraryInjection, { maxLength: 3 }),
	continueOnFail: fc.boolean(),
	retryOnFail: fc.boolean(),
});
type Scenario = typeof arbitraryScenario extends fc.Arbitrary<infer T> ? T : never;

const validNumber = (item: number) => `+44207946${String(1000 + item)}`;
const numberOf = (isValid: boolean, item: number) =>
	isValid ? validNumber(item) : `nobody ${item}`;

async function run(scenario: Scenario) {
	const { sandbox } = fixture;
	sandbox.reset();
	const scheduler = sandbox.store.taskSchedulers.insert({
		name: 'Property',
		status: 'off',
	} as never);
	for (const { fault, method, after, times } of scenario.injections) {
		const match = { method, path: '/task_scheduler/' };
		sandbox.faults.add({ ...fault, after, times, match });
	}
	const result = await fixture.run(
		{
			authentication: 'oAuth2',
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: String(scheduler.id),
			options: {
				batchSize: scenario.batchSize,
				doNotCall: scenario.doNotCall.flatMap((item) => [
					numberOf(true, item),
					numberOf(false, item),
				]),
			},
		},
		{
			json: scenario.validity.map((isValid, item) => ({ a_number: numberOf(isValid, item) })),
			credentials: { ringMeOAuth2Api: oAuth2(sandbox) },
			onError: scenario.continueOnFail ? 'continueRegularOutput' : 'stopWorkflow',
			settings: scenario.retryOnFail ? { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 } : {},
		},
	);
	while (sandbox.journal.inFlight > 0) await delay(1);
	return { result, tasks: sandbox.store.tasks.list() };
}

/**
 * Whether a scenario can lead to an unknown outcome: the PBX may have added a batch without confirming
 * it, or the tasks could not be counted after a batch was rejected.
 */
function canBeUnknown({ validity, injections }: Scenario): boolean {
	const isUncertain = injections.some(
		({ method, fault: { kind, status = 0, acts } }) =>
			method === 'POST' && (UNCERTAIN_FAULTS.includes(kind) || status >= 500 || acts),
	);
	const isRejected =
		validity.includes(false) ||
		injections.some(({ method, fault }) => method === 'POST' && fault.kind === 'status');
	const isCountUncertain = injections.some(({ method }) => method === 'GET');
	return isUncertain || (isRejected && isCountUncertain);
}

const itemCounts: Record<ReportedOutcome, number> = {
	succeeded: 0,
	failed: 0,
	unknown: 0,
	notSent: 0,
	unreported: 0,
};

it(
	`Add Tasks loses, duplicates and conceals no task in ${RUNS} random sequences of faults`,
	async () => {
		await fc.assert(
			fc.asyncProperty(arbitraryScenario, async (scenario) => {
				const { result, tasks } = await run(scenario);
				const { validity, injections, continueOnFail, doNotCall } = scenario;
				const outcomes = reportedOutcomes(result, validity.length);
				const executions = validity.map(
					(isValid, item) =>
						tasks.filter(({ a_number }) => a_number === numberOf(isValid, item)).length,
				);
				expect(findViolations(outcomes, executions)).toEqual(noViolations);

				// Nobody on the do-not-call list is called.
				for (const item of doNotCall) expect(executions[item] ?? 0).toBe(0);
				// Each output item is the task that the PBX has, linked to the input item of that task.
				for (const { json, pairedItem } of result.items) {
					const { item } = pairedItem as { item: number };
					expect(json.skipped !== undefined).toBe(doNotCall.includes(item));
					if (json.error !== undefined || json.skipped !== undefined) continue;
					const task = tasks.find(({ id }) => id === json.id);
					expect(task?.a_number).toBe(validNumber(item));
				}
				if (outcomes.includes('unknown')) expect(canBeUnknown(scenario)).toBe(true);
				if (injections.length === 0) {
					const isCalled = (item: number) => !doNotCall.includes(item);
					const firstInvalid = validity.findIndex((isValid, item) => !isValid && isCalled(item));
					const expected = validity.map(
						(isValid, item) =>
							isValid &&
							isCalled(item) &&
							(continueOnFail || firstInvalid < 0 || item < firstInvalid),
					);
					expect(outcomes.map((outcome) => outcome === 'succeeded')).toEqual(expected);
				}
				for (const outcome of outcomes) itemCounts[outcome]++;
			}),
			{ numRuns: RUNS, seed: SEED, endOnFailure: false },
		);
		process.stdout.write(
			`Add Tasks, ${RUNS} random sequences of faults (seed ${SEED}): ` +
				`${itemCounts.succeeded} tasks added, ${itemCounts.failed} failed, ` +
				`${itemCounts.notSent} not sent, ${itemCounts.unknown} unknown; ` +
				'0 lost, 0 duplicated, 0 unexplained\n',
		);
		// Sequences in which everything succeeds, or nothing, would prove little.
		for (const outcome of ['succeeded', 'failed', 'notSent', 'unknown'] as const) {
			expect(itemCounts[outcome]).toBeGreaterThan(100);
		}
	},
	TIMEOUT_MS,
);
