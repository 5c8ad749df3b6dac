/** Tokens and passwords: in no message, no output and no log line, whatever the PBX repeats of them. */
import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken, byId } from '../harness/pbx.mts';
import type { RunResult } from '../harness/types.mts';
import { useBench } from './support/bench.mts';
import { groupsOf, type Options } from './support/groups.mts';

const bench = useBench();
const groups = groupsOf(bench);
const create = async (options: Options = {}) => await groups.create(1, options);
const get = async (options: Options = {}) =>
	await bench.run({ resource: 'extension', operation: 'get', extensionId: byId(77) }, options);
const answer = (body: unknown) =>
	bench.sandbox.faults.add({ kind: 'status', status: 400, body, times: Infinity });

const TOKEN = 'sandbox-token';
const visible = (error: Error) => ({
	...error,
	message: error.message,
	stack: error.stack,
	cause: String(error.cause),
});
const everything = ({ error, json, output, logs, run }: RunResult) => {
	const { runData } = run.data.resultData;
	const tested = runData.Tested?.map(({ data, error: failure }) => [
		data,
		failure && visible(failure),
	]);
	return JSON.stringify([error && visible(error), ...[json, output, logs, tested]]);
};

it.each([
	['as it is', `Bad token: ${TOKEN}!`],
	['at the place where the text is cut', `${'x'.repeat(290)}${TOKEN}`],
	['with spaces around that are shortened', `Bad   ${TOKEN}\n\n`],
])('a token that the PBX repeats is hidden: %s', async (_, message) => {
	answer({ message });
	const all = everything(await create());
	expect(all).toContain('***');
	for (let cut = TOKEN.length; cut > 6; cut--) expect(all).not.toContain(TOKEN.slice(0, cut));
});

it.each(['correct horse battery', 'quo"te\\and/пароль', 'a b  c   d', 'p4', '100%&=x'])(
	'the password of a new user is nowhere: %s',
	async (password) => {
		const user = {
			resource: 'user',
			operation: 'create',
			userUserType: 'client',
			userType: 'client',
			userLogin: 'ann',
			userPassword: password,
			userName: 'Ann',
			userEmail: 'ann@example.com',
		};
		const bodies = [
			{ message: `login ann: password "${password}" is too weak` },
			{ errors: { password: [`${password} is too weak`] } },
			`<h1>${password}</h1>`,
			`password=${encodeURIComponent(password)}`,
		];
		for (const body of bodies) {
			answer(body);
			const result = await bench.run(user);
			expect(result.error?.message).toMatch(/^The PBX refused/);
			const all = everything(result);
			const quoted = JSON.stringify(JSON.stringify(password).slice(1, -1)).slice(1, -1);
			for (const form of [quoted, JSON.stringify(password).slice(1, -1)]) {
				// Not by a matcher: it would print all of it.
				if (password.length > 5) expect(all.includes(form)).toBe(false);
				else expect(new RegExp(`\\b${form}\\b`).test(all)).toBe(false);
			}
			bench.sandbox.faults.clear();
		}
		bench.sandbox.faults.add({
			...{ kind: 'status', status: 201 },
			body: { id: 5, login: 'ann', password, comment: `has ${password}` },
		});
		const { json } = await bench.run({ ...user, simplify: false });
		expect(json[0]).toMatchObject({ id: 5, login: 'ann', password: '***' });
	},
);

it('login and password of a user are nowhere, in whatever form', async () => {
	const [{ record_uuid: uuid }] = bench.sandbox.store.records.list();
	const basic = Buffer.from('admin:hunter2-hunter2').toString('base64');
	answer({ message: `Authorization: Basic ${basic} (hunter2-hunter2)` });
	const all = everything(
		await bench.run(
			{ resource: 'recording', operation: 'downloadBasicAuth', recordUuid: byId(uuid) },
			{
				credentials: {
					ringMeApi: {
						...accessToken(bench.sandbox),
						pbxLogin: 'admin',
						pbxPassword: 'hunter2-hunter2',
					},
				},
			},
		),
	);
	expect(all).toContain('Authorization: Basic ***');
	expect(all).not.toContain(basic);
	expect(all).not.toContain('hunter2');
});

it('are in no log line, output or error of a whole series of faults', async () => {
	const kinds: FaultInput[] = [
		{ kind: 'dropAfter' },
		{ kind: 'html200' },
		{ kind: 'truncate' },
		{ kind: 'tokenDeath' },
		{ kind: 'status', status: 500 },
		{ kind: 'redirect', to: 'http://127.0.0.1:9/' },
	];
	for (const fault of kinds) {
		bench.sandbox.faults.add({ ...fault, times: Infinity });
		for (const onError of ['stopWorkflow', 'continueRegularOutput'] as const) {
			expect(everything(await create({ onError }))).not.toContain(TOKEN);
			expect(everything(await get({ onError }))).not.toContain(TOKEN);
		}
		bench.sandbox.reset();
	}
});
