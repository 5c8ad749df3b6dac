// The probe against sandbox PBXs that follow their assumptions, and against others that do not.

import { Connection } from '../../probe/connection.mts';
import { PbxContext } from '../../probe/context.mts';
import { Redactor } from '../../probe/describe.mts';
import { NotAnswerable } from '../../probe/errors.mts';
import { OwnRecords } from '../../probe/ownRecords.mts';
import { CHANGING, READING } from '../../probe/probes/index.mts';
import { maxRequestsOf } from '../../probe/run.mts';
import { DEVIATIONS, type Deviation } from '../../sandbox/deviations.mts';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.mts';
import type { Task } from '../../sandbox/state/types.mts';
import { SECRET, namesWith, probe, recordsOf, startPbx } from './support/fixture.mts';

const ALL = [...READING, ...CHANGING].map(({ name }) => name);
/** What an application with the level All cannot find out. */
const CALL_API_ONLY = ['access-before-contract', 'call-api-writes'];
/** What an application with the level Call API cannot find out. */
const ALL_LEVEL_ONLY = [
	'created-interval',
	'cleared-list',
	'network-addresses',
	'replaced-sound',
	'unexpected-body',
	'unknown-field',
	'unknown-reference',
	'wrong-method',
];

let sandbox: Sandbox;
afterEach(async () => {
	expect(sandbox.errors).toEqual([]);
	await sandbox.stop();
});

/** Adds a task that is finished. */
function finishTask(): { schedulerId: string; taskId: string } {
	const entry = {
		attempt: 1,
		side: 'a',
		number: '447700900101',
		call_uuid: 'A1',
		result: 'answered',
		duration: 10,
		start_time_gmt: '2026-01-01 00:00:00',
		record_uuid: null,
	};
	const task = { scheduler_id: 1, status: 'finished', cdr: JSON.stringify([entry]) };
	const { id } = sandbox.store.tasks.insert(task as unknown as Omit<Task, 'id'>);
	return { schedulerId: '1', taskId: String(id) };
}

describe('a PBX that follows the assumptions', () => {
	it('confirms all that an application with full access can ask', async () => {
		sandbox = await startPbx();
		const ids = finishTask();
		const before = recordsOf(sandbox);
		const report = await probe(sandbox, { ids });
		expect(namesWith(report, 'refuted')).toEqual([]);
		expect(namesWith(report, 'not answerable')).toEqual([...CALL_API_ONLY, 'lower-level-user']);
		expect(recordsOf(sandbox)).toBe(before);
	});

	it('confirms what only an application with the level Call API can ask', async () => {
		sandbox = await startPbx();
		const before = recordsOf(sandbox);
		const report = await probe(sandbox, { applicationId: 'sandbox-callapi' });
		expect(namesWith(report, 'refuted')).toEqual([]);
		expect(namesWith(report, 'confirmed')).toEqual(expect.arrayContaining(CALL_API_ONLY));
		expect(namesWith(report, 'not answerable')).toEqual(
			[...ALL_LEVEL_ONLY, 'lower-level-user', 'task-cdr'].sort(),
		);
		expect(recordsOf(sandbox)).toBe(before);
	});

	it('confirms what only the user of an extension can ask, and refutes nothing for lack of access', async () => {
		sandbox = await startPbx();
		const [admin] = sandbox.store.users.list();
		Object.assign(admin, { kind: 'extension', extension_id: 85201 });
		const report = await probe(sandbox);
		expect(namesWith(report, 'refuted')).toEqual([]);
		expect(namesWith(report, 'confirmed')).toEqual(
			expect.arrayContaining(['lower-level-user', 'user']),
		);
	});

	it('refutes nothing in a PBX without any data', async () => {
		sandbox = await startPbx({ seed: 'empty' });
		const report = await probe(sandbox);
		expect(namesWith(report, 'refuted')).toEqual([]);
	});

	it('reads only, without --write', async () => {
		sandbox = await startPbx();
		const report = await probe(sandbox, { write: false });
		expect(report.results).toHaveLength(READING.length);
		const methods = sandbox.journal.api().map(({ method }) => method);
		expect(new Set(methods)).toEqual(new Set(['GET']));
	});

	it('sends no more requests than it states', async () => {
		sandbox = await startPbx();
		const report = await probe(sandbox);
		expect(report.requests).toBeLessThanOrEqual(maxRequestsOf({ write: true }));
		const sent = sandbox.journal.all().length;
		expect(sent).toBeGreaterThanOrEqual(report.requests);
	});

	it.each([...READING, ...CHANGING])(
		'$name alone sends no more requests than it states',
		async ({ requests, ask }) => {
			sandbox = await startPbx();
			const connection = new Connection({
				baseUrl: sandbox.url,
				applicationId: 'sandbox-app',
				secret: SECRET,
				intervalMs: 0,
				maxRequests: 1000,
			});
			await connection.authenticate();
			const before = connection.requests;
			const own = new OwnRecords(connection, 20);
			const pbx = new PbxContext(connection, new Redactor(() => []), {}, own);
			await ask(pbx).catch((error: unknown) => {
				if (!(error instanceof NotAnswerable)) throw error;
			});
			expect(connection.requests - before).toBeLessThanOrEqual(requests);
		},
	);
});

/** The probes that notice each deviation. */
const NOTICED_BY: Record<Deviation, string[]> = {
	invalidClient401: ['wrong-secret', 'token-basic'],
	basicTokenRequests: ['token-basic'],
	plainUnauthorized: ['unauthorized-body'],
	anyScope: ['unknown-scope'],
	localSessionDates: ['session-expires'],
	validation422: [
		'validation-error',
		'unknown-parameter',
		'trailing-slash',
		'record-period',
		'call-period',
		'unknown-field',
		'unexpected-body',
		'unknown-reference',
		'unlisted-events',
	],
	ignoredUnknowns: ['unknown-parameter', 'unknown-field'],
	optionalSlash: ['trailing-slash'],
	wrongMethod405: ['wrong-method'],
	bracketLists: ['repeated-key'],
	contractFirst: ['check-order'],
	ignoredBodies: ['unexpected-body'],
	unknownAgentExtension: ['unknown-reference'],
	otherNotFound: ['not-found-message'],
	epochReset: ['limit-headers'],
	tokensCounted: ['limit-counting'],
	lastPage404: ['page-after-last'],
	localDates: ['dates-utc'],
	openPeriodEnd: ['period-bounds'],
	pastPeriodsOnly: ['future-end'],
	oldestFirst: ['call-order'],
	singleCallFilters: ['call-filters'],
	unpagedMessages: ['message-pages'],
	anyRecordPeriod: ['record-period'],
	limitedStatsPeriod: ['stats-period'],
	statsList: ['stats-shape'],
	exactUuid: ['record-case'],
	replacedSound200: ['replaced-sound'],
	variableMap: ['variables'],
	agentStatusText: ['agent-status'],
	domainText: ['domain-object'],
	conditionTypes: ['interval-conditions', 'created-interval'],
	networksOnly: ['network-addresses'],
	keptLists: ['cleared-list'],
	uniqueWebhooks: ['duplicate-webhook'],
	anyEventType: ['unlisted-events'],
	callList: ['call-list-shape'],
	limitedCallPeriod: ['call-period'],
	callStatsNumbers: ['call-stats-shape'],
	registrationDates: ['registration-expires'],
	lowerRealmForbidden: ['own-extension'],
};

interface Configuration extends SandboxOptions {
	title: string;
	deviations: Deviation[];
	/** What is refuted because of the other options. */
	alsoRefuted?: string[];
}

/** Together they contain each deviation. */
const CONFIGURATIONS: Configuration[] = [
	{
		title: 'other tokens',
		deviations: ['invalidClient401', 'basicTokenRequests', 'plainUnauthorized', 'anyScope'],
	},
	{
		title: 'dates in local time',
		deviations: [
			'localSessionDates',
			'localDates',
			'openPeriodEnd',
			'statsList',
			'pastPeriodsOnly',
			'oldestFirst',
		],
	},
	{ title: 'another status of validation errors', deviations: ['validation422', 'otherNotFound'] },
	{
		title: 'tolerance of unknown things',
		deviations: ['ignoredUnknowns', 'optionalSlash', 'ignoredBodies', 'unknownAgentExtension'],
	},
	{
		title: 'another order of checks',
		deviations: [
			'contractFirst',
			'wrongMethod405',
			'bracketLists',
			'replacedSound200',
			'keptLists',
		],
	},
	{
		title: 'another hourly limit and smaller pages',
		deviations: ['epochReset', 'tokensCounted', 'lastPage404', 'limitedStatsPeriod'],
		maxPerPage: 50,
		alsoRefuted: ['per-page-maximum'],
	},
	{
		title: 'other forms of records',
		deviations: ['variableMap', 'agentStatusText', 'domainText', 'conditionTypes', 'exactUuid'],
	},
	{
		title: 'another call history and other registrations',
		deviations: [
			'callList',
			'unpagedMessages',
			'limitedCallPeriod',
			'callStatsNumbers',
			'registrationDates',
			'lowerRealmForbidden',
		],
	},
	{
		title: 'other limits of what can be created',
		deviations: [
			'networksOnly',
			'uniqueWebhooks',
			'anyEventType',
			'anyRecordPeriod',
			'singleCallFilters',
		],
		maxPerPage: 1000,
		alsoRefuted: ['per-page-maximum'],
	},
];

describe('a PBX that contradicts assumptions', () => {
	it('the configurations contain each deviation', () => {
		expect(new Set(CONFIGURATIONS.flatMap(({ deviations }) => deviations))).toEqual(
			new Set(Object.keys(DEVIATIONS)),
		);
	});

	it.each(CONFIGURATIONS)(
		'refutes exactly what differs: $title',
		async ({ title: _, alsoRefuted = [], ...options }) => {
			sandbox = await startPbx(options);
			const ids = finishTask();
			const before = recordsOf(sandbox);
			const report = await probe(sandbox, { ids });
			const noticed = options.deviations.flatMap((deviation) => NOTICED_BY[deviation]);
			expect(namesWith(report, 'refuted')).toEqual(
				[...new Set([...noticed, ...alsoRefuted])].sort(),
			);
			expect(namesWith(report, 'not answerable')).toEqual([...CALL_API_ONLY, 'lower-level-user']);
			expect(report.results.map((result) => result.probe.name)).toEqual(ALL);
			expect(recordsOf(sandbox)).toBe(before);
		},
	);
});
