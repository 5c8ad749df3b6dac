/** Inputs that are more than one value: rows, JSON beside them, inputs of one kind only, lists of IDs. */
import { accessToken, byId, openBench, type Bench } from '../harness/pbx.mts';

let bench: Bench;
beforeAll(async () => (bench = await openBench()));
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

const sent = () => bench.sandbox.journal.api().map(({ body }) => body);

describe('the conditions of an interval', () => {
	const create = async (intervalConditions: object, json?: object) => {
		bench.sandbox.journal.clear();
		return await bench.run(
			{
				...{ resource: 'interval', operation: 'create', intervalName: 'Hours' },
				...{ intervalTimezone: 'Europe/Moscow', intervalConditions },
			} as never,
			json ? { json: [json] as never } : {},
		);
	};
	const conditions = () => (sent()[0] as { conditions: unknown }).conditions;

	it('are filled in by kind, with defaults a person sees', async () => {
		await create({
			week: [{ startTime: '9:00', endTime: '18:00:30' }],
			dates: [{ month: 12, endMday: 24 }],
			rotation: [{ schedStartDate: '2026-01-02T00:00:00', schedSkipDays: 1 }],
			dateRange: [{ startDatetime: '2026-05-01T00:00:00', endDatetime: '2026-05-02T12:30:00' }],
		});
		expect(conditions()).toEqual([
			{ start_dow: 2, end_dow: 6, start_time: '09:00', end_time: '18:00:30' },
			{ month: 12, start_mday: 1, end_mday: 24 },
			{ sched_start_date: '2026-01-02', sched_active_days: 2, sched_skip_days: 1 },
			{ start_datetime: '2026-05-01 00:00:00', end_datetime: '2026-05-02 12:30:00' },
		]);
	});

	it('take moments with a zone of their own by the clock of the interval', async () => {
		const dateRange = [{ startDatetime: '2026-05-01T00:00:00Z', endDatetime: '={{ $json.end }}' }];
		await create({ dateRange }, { end: '2026-05-01T10:00:00-04:00' });
		expect(conditions()).toEqual([
			{ start_datetime: '2026-05-01 03:00:00', end_datetime: '2026-05-01 17:00:00' },
		]);
	});

	it('are JSON too, beside rows, and as the PBX itself gives them', async () => {
		const theirs = { type: 'week', start_dow: 7, end_dow: 1, month: null, start_time: '10:00:00' };
		await create(
			{ week: [{}], json: [{ value: '={{ $json.theirs }}' }, { value: '[{"month":5}]' }] },
			{ theirs: [{ ...theirs, end_time: '15:00:00' }] },
		);
		expect(conditions()).toEqual([
			{ start_dow: 2, end_dow: 6 },
			{ start_dow: 7, end_dow: 1, start_time: '10:00:00', end_time: '15:00:00' },
			{ month: 5 },
		]);
	});

	it.each([
		['nothing', {}, 'Conditions is empty'],
		['an emptied editor', { week: [] }, 'Conditions is empty'],
		['broken JSON', { json: [{ value: '[{' }] }, 'Conditions is not valid JSON'],
		['no list', { json: [{ value: '5' }] }, 'Conditions is not a list of objects: 5'],
		['an unknown field', { json: [{ value: '[{"hour":9}]' }] }, 'unknown field: "hour"'],
		['an empty condition', { json: [{ value: '[{}]' }] }, 'Condition 1 of Conditions is empty'],
		['no time of day', { week: [{ startTime: 'nine' }] }, 'Time From is not a time of day: "nine"'],
		[
			'half a period',
			{ dateRange: [{ startDatetime: '2026-05-01', endDatetime: '={{ "" }}' }] },
			'To is empty',
		],
		['a day too many', { dates: [{ endMday: 32 }] }, 'Day To must be between 1 and 31, not 32'],
	])('are refused before sending: %s', async (_, given, message) => {
		const { error } = await create(given);
		expect(error?.message).toContain(message);
		expect(sent()).toEqual([]);
	});
});

describe('the rules of a dial rule list', () => {
	const update = async (dialRuleListUpdateFields: object) => {
		const [{ id }] = bench.sandbox.store.dialRules.list();
		bench.sandbox.journal.clear();
		return await bench.run({
			...{ resource: 'dialRuleList', operation: 'update', dialRulesId: byId(id) },
			...{ dialRuleListUpdateFields },
		} as never);
	};

	it('may replace a number with nothing, and need a match', async () => {
		await update({ dialRules: { rows: [{ matchExp: '^810', replExp: '' }] } });
		expect(sent()).toEqual([{ dial_rules: [{ match_exp: '^810', repl_exp: '' }] }]);
		const { error } = await update({ dialRules: { json: [{ value: '[{"repl_exp":"7"}]' }] } });
		expect(error?.message).toBe('Match is empty in Rule 1 of Rules');
	});

	it('stay as they are when none is added, and go when the list is empty on purpose', async () => {
		await update({ name: 'Same rules', dialRules: {} });
		expect(sent()).toEqual([{ name: 'Same rules' }]);
		await update({ dialRules: { json: [{ value: '[]' }] } });
		expect(sent()).toEqual([{ dial_rules: [] }]);
	});

	it('an update of nothing is one the PBX takes', async () => {
		const { json } = await update({});
		expect(sent()).toEqual([{}]);
		expect(json).toHaveLength(1);
	});
});

describe('variables', () => {
	it('are set together, and each is an item', async () => {
		const { json } = await bench.run({
			...{ resource: 'variable', operation: 'set' },
			variableVariables: {
				rows: [
					{ var: 'a', value: '' },
					{ var: 'b', value: 'two' },
				],
			},
		});
		expect(sent().at(-1)).toEqual({
			variables: [
				{ var: 'a', value: '' },
				{ var: 'b', value: 'two' },
			],
		});
		expect(json).toMatchObject([{ var: 'a' }, { var: 'b', value: 'two' }]);
	});
});

describe('inputs of one kind', () => {
	it('go out for that kind only, also where the kind is an expression', async () => {
		bench.sandbox.journal.clear();
		const [{ id: extension }] = bench.sandbox.store.extensions.list();
		const { error } = await bench.run(
			{
				...{ resource: 'user', operation: 'create', userType: '={{ $json.type }}' },
				...{ userName: 'Nathan', userLogin: '={{ $json.type }}', userPassword: 'hush-hush' },
				...{ userEmail: 'nathan@example.com', userExtensionId: byId(extension) },
				userExtensionGroupId: byId(71),
			},
			{ json: ['client', 'extension', 'extension_group'].map((type) => ({ type })) },
		);
		expect(error).toBeUndefined();
		const calls = bench.sandbox.journal.api().sort((a, b) => a.path.length - b.path.length);
		const kinds = calls.map(({ path }) => path.split('/').at(-2));
		expect(kinds).toEqual(['client', 'extension', 'extension_group']);
		const person = { name: 'Nathan', password: 'hush-hush', email: 'nathan@example.com' };
		expect(calls.map(({ body }) => body)).toEqual([
			{ ...person, login: 'client' },
			{ ...person, login: 'extension', extension_id: extension },
			{ ...person, login: 'extension_group', extension_group_id: 71 },
		]);
	});

	it('a password is read nowhere, also where the PBX repeats it', async () => {
		const { error } = await bench.run({
			...{ resource: 'user', operation: 'create', userType: 'client', userName: 'A' },
			...{ userLogin: 'admin', userPassword: 'admin', userEmail: 'a@example.com' },
		});
		expect(error?.message).toContain("'***' is taken");
		expect(`${error?.description}`).not.toContain('admin');
	});
});

describe('lists of IDs', () => {
	it('take single values and whole lists', async () => {
		const [a, b, c] = bench.sandbox.store.extensions.list().map(({ id }) => id);
		bench.sandbox.journal.clear();
		await bench.run(
			{
				...{ resource: 'alias', operation: 'getMany' },
				aliasFilters: { extensionId: ['={{ $json.ids }}', String(c)] },
			},
			{ json: [{ ids: [a, b] }] },
		);
		expect(bench.sandbox.journal.api()[0].query.extension_id).toEqual([a, b, c].map(String));
	});
});

describe('what is picked from a list', () => {
	const search = async (method: string, parameters: object = {}) => {
		const { results } = await bench.engine.listSearch(method, {
			node: 'ringMe',
			parameters: { authentication: 'accessToken', ...parameters },
			credentials: { ringMeApi: accessToken(bench.sandbox) },
		});
		return results.map(({ name }) => name);
	};

	it.each([
		['searchAgent', { agentType: 'local' }, 'Sam'],
		['searchAgent', { agentType: 'remote' }, 'Remo (447700900101)'],
		['searchAlias', {}, 'office'],
		['searchCallStatus', {}, 'Lunch'],
		['searchDialRule', {}, 'National numbers'],
		['searchDid', {}, '+442079460100'],
		['searchExtensionGroup', {}, 'Sales'],
		['searchInterval', {}, 'Office hours'],
		['searchNetworkPermission', {}, 'Office network'],
		['searchUser', { userType: 'client' }, 'Ann Admin (admin)'],
		['searchUser', { userType: 'extension_group' }, 'Lea Lead (saleslead)'],
	])('%s %j', async (method, parameters, first) => {
		expect((await search(method, parameters))[0]).toBe(first);
	});

	it('events of an agent, once the agent is chosen', async () => {
		const { id: agent_id } = bench.sandbox.store.agents.list()[4];
		const event = { agent_id, method: 'GET', event_type: 'agent-logout' } as const;
		bench.sandbox.store.agentEvents.insert({ ...event, url: 'https://example.com/hook' });
		const of = (agentId: unknown) => search('searchAgentEvent', { agentType: 'remote', agentId });
		expect(await of({ ...byId(agent_id), mode: 'list' })).toEqual([
			'Agent Logged Out → https://example.com/hook',
		]);
		await expect(of({ ...byId(''), mode: 'list' })).rejects.toThrow('Agent is empty');
	});
});
