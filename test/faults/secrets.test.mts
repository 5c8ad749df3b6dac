/**
 * Tokens and passwords are in no error and no log line, even if the PBX repeats them in a message.
 * The records of the PBX are passed on as they came.
 */
import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken, byId, setupFixture } from '../harness/fixture.mts';
import type { RunResult } from '../harness/types.mts';
import { extensionGroups, type Options } from './support/extensionGroups.mts';

const TOKEN = 'sandbox-token';
const MODES = ['stopWorkflow', 'continueRegularOutput'] as const;

const fixture = setupFixture();
const groups = extensionGroups(fixture);

const rejectWith = (body: unknown) =>
	fixture.sandbox.faults.add({ kind: 'status', status: 400, body, times: Infinity });

/** All of an error that n8n stores or logs: also its node, message, stack and cause. */
const allOf = (error: Error) => ({
	...error,
	message: error.message,
	stack: error.stack,
	cause: String(error.cause),
});

/** Everything that a run leaves behind: output, error, log and saved execution. */
function traceOf({ error, json, output, logs, run }: RunResult): string {
	const savedRuns = run.data.resultData.runData.Tested?.map(({ data, error: savedError }) => [
		data,
		savedError && allOf(savedError),
	]);
	return JSON.stringify([error && allOf(error), json, output, logs, savedRuns]);
}

it.each([
	['as it is', `Bad token: ${TOKEN}!`],
	['where the message is shortened', `${'x'.repeat(290)}${TOKEN}`],
	['among spaces that are removed', `Bad   ${TOKEN}\n\n`],
])('redacts a token that the PBX repeats %s', async (_, message) => {
	rejectWith({ message });
	const trace = traceOf(await groups.create(1));
	expect(trace).toContain('***');
	for (let length = TOKEN.length; length > 6; length--) {
		expect(trace).not.toContain(TOKEN.slice(0, length));
	}
});

describe.each(['correct horse battery', 'quo"te\\and/пароль', 'a b  c   d', 'p4', '100%&=x'])(
	'the password %j of a new user',
	(password) => {
		const createUser = {
			resource: 'user',
			operation: 'create',
			userUserType: 'client',
			userType: 'client',
			userLogin: 'ann',
			userPassword: password,
			userName: 'Ann',
			userEmail: 'ann@example.com',
		};

		it('is in no error and no log line when the PBX repeats it', async () => {
			const bodies = [
				{ message: `login ann: password "${password}" is too weak` },
				{ errors: { password: [`${password} is too weak`] } },
				`<h1>${password}</h1>`,
				`password=${encodeURIComponent(password)}`,
			];
			for (const body of bodies) {
				rejectWith(body);
				for (const onError of MODES) {
					const result = await fixture.run(createUser, { onError });
					const hasFailed = result.error ?? result.json[0].error;
					expect(hasFailed).toBeDefined();
					// The trace is JSON, and the message itself can contain JSON.
					const trace = traceOf(result);
					const inJson = JSON.stringify(password).slice(1, -1);
					const inJsonTwice = JSON.stringify(inJson).slice(1, -1);
					for (const form of [inJson, inJsonTwice]) {
						// Not by a matcher of strings, which would print the whole trace.
						const isIncluded =
							password.length > 5 ? trace.includes(form) : new RegExp(`\\b${form}\\b`).test(trace);
						expect(isIncluded).toBe(false);
					}
				}
				fixture.sandbox.faults.clear();
			}
		});

		it('is in the output if the PBX returns it in the record, but in no log line', async () => {
			const record = { id: 5, login: 'ann', password, comment: `has ${password}` };
			fixture.sandbox.faults.add({ kind: 'status', status: 201, body: record });
			const { json, logs } = await fixture.run({ ...createUser, simplify: false });
			expect(json).toEqual([record]);
			expect(JSON.stringify(logs).includes(JSON.stringify(password).slice(1, -1))).toBe(false);
		});
	},
);

it('redacts login and password of a PBX user in all forms', async () => {
	const [{ record_uuid: uuid }] = fixture.sandbox.store.records.list();
	const basic = Buffer.from('admin:hunter2-hunter2').toString('base64');
	rejectWith({ message: `Authorization: Basic ${basic} (hunter2-hunter2)` });
	const trace = traceOf(
		await fixture.run(
			{ resource: 'recording', operation: 'downloadBasicAuth', recordUuid: byId(uuid) },
			{
				credentials: {
					ringMeApi: {
						...accessToken(fixture.sandbox),
						pbxLogin: 'admin',
						pbxPassword: 'hunter2-hunter2',
					},
				},
			},
		),
	);
	expect(trace).toContain('Authorization: Basic ***');
	expect(trace).not.toContain(basic);
	expect(trace).not.toContain('hunter2');
});

it('keeps the token out of output, errors and logs under a series of faults', async () => {
	const faults: FaultInput[] = [
		{ kind: 'dropAfter' },
		{ kind: 'html200' },
		{ kind: 'truncate' },
		{ kind: 'tokenDeath' },
		{ kind: 'status', status: 500 },
		{ kind: 'redirect', to: 'http://127.0.0.1:9/' },
	];
	const getExtension = async (options: Options) =>
		await fixture.run({ resource: 'extension', operation: 'get', extensionId: byId(77) }, options);
	for (const fault of faults) {
		fixture.sandbox.faults.add({ ...fault, times: Infinity });
		for (const onError of MODES) {
			expect(traceOf(await groups.create(1, { onError }))).not.toContain(TOKEN);
			expect(traceOf(await getExtension({ onError }))).not.toContain(TOKEN);
		}
		fixture.sandbox.reset();
	}
});
