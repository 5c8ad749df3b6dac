/** Inputs with several values: rows, JSON beside rows, inputs of one type only, lists of IDs, list search. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { byId, searchList, setupFixture } from '../harness/fixture.mts';

const fixture = setupFixture();

/** The bodies of all requests. */
const sentBodies = () => fixture.sandbox.journal.api().map(({ body }) => body);

describe('Conditions of an interval', () => {
	const create = async (intervalConditions: INodeParameters, json?: IDataObject) => {
		fixture.sandbox.journal.clear();
		return await fixture.run(
			{
				resource: 'interval',
				operation: 'create',
				intervalName: 'Hours',
				intervalTimezone: 'Europe/Moscow',
				intervalConditions,
			},
			json ? { json: [json] } : {},
		);
	};
	const sentConditions = () => (sentBodies()[0] as { conditions: unknown }).conditions;

	it('sends conditions of each type with the defaults that the editor shows', async () => {
		await create({
			week: [{ startTime: '9:00', endTime: '18:00:30' }],
			dates: [{ month: 12, endMday: 24 }],
			rotation: [{ schedStartDate: '2026-01-02T00:00:00', schedSkipDays: 1 }],
			dateRange: [{ startDatetime: '2026-05-01T00:00:00', endDatetime: '2026-05-02T12:30:00' }],
		});
		expect(sentConditions()).toEqual([
			{ start_dow: 2, end_dow: 6, start_time: '09:00', end_time: '18:00:30' },
			{ month: 12, start_mday: 1, end_mday: 24 },
			{ sched_start_date: '2026-01-02', sched_active_days: 2, sched_skip_days: 1 },
			{ start_datetime: '2026-05-01 00:00:00', end_datetime: '2026-05-02 12:30:00' },
		]);
	});

	it('converts times with a time zone to the time zone of the interval', async () => {
		const dateRange = [{ startDatetime: '2026-05-01T00:00:00Z', endDatetime: '={{ $json.end }}' }];
		await create({ dateRange }, { end: '2026-05-01T10:00:00-04:00' });
		expect(sentConditions()).toEqual([
			{ start_datetime: '2026-05-01 03:00:00', end_datetime: '2026-05-01 17:00:00' },
		]);
	});

	it('accepts JSON beside rows, also in the form that the PBX returns', async () => {
		const returned = {
			type: 'week',
			start_dow: 7,
			end_dow: 1,
			month: null,
			start_time: '10:00:00',
		};
		await create(
			{ week: [{}], json: [{ value: '={{ $json.returned }}' }, { value: '[{"month":5}]' }] },
			{ returned: [{ ...returned, end_time: '15:00:00' }] },
		);
		expect(sentConditions()).toEqual([
			{ start_dow: 2, end_dow: 6 },
			{ start_dow: 7, end_dow: 1, start_time: '10:00:00', end_time: '15:00:00' },
			{ month: 5 },
		]);
	});

	it.each([
		['no conditions', {}, "'Conditions' is empty"],
		['an empty list in the editor', { week: [] }, "'Conditions' is empty"],
		['broken JSON', { json: [{ value: '[{' }] }, "'Conditions' is not valid JSON"],
		[
			'JSON that is not a list',
			{ json: [{ value: '5' }] },
			"'Conditions' is not a list of objects: 5",
		],
		['an unknown field', { json: [{ value: '[{"hour":9}]' }] }, 'unknown field: "hour"'],
		['an empty condition', { json: [{ value: '[{}]' }] }, "Condition 1 of 'Conditions' is empty"],
		[
			'an invalid time of day',
			{ week: [{ startTime: 'nine' }] },
			`'Time From' is not a time of day: "nine"`,
		],
		[
			'a date range without its end',
			{ dateRange: [{ startDatetime: '2026-05-01', endDatetime: '={{ "" }}' }] },
			"'To' is empty",
		],
		[
			'a day that no month has',
			{ dates: [{ endMday: 32 }] },
			"'Day To' must be between 1 and 31, not 32",
		],
	])('rejects %s before anything is sent', async (_, input, message) => {
		const { error } = await create(input);
		expect(error?.message).toContain(message);
		expect(sentBodies()).toEqual([]);
	});
});

describe('Rules of a dial rule list', () => {
	const update = async (dialRuleListUpdateFields: INodeParameters) => {
		const [{ id }] = fixture.sandbox.store.dialRules.list();
		fixture.sandbox.journal.clear();
		return await fixture.run({
			resource: 'dialRuleList',
			operation: 'update',
			dialRulesId: byId(id),
			dialRuleListUpdateFields,
		});
	};

	it('allows an empty replacement, and rejects a rule without a match', async () => {
		await update({ dialRules: { rows: [{ matchExp: '^810', replExp: '' }] } });
		expect(sentBodies()).toEqual([{ dial_rules: [{ match_exp: '^810', repl_exp: '' }] }]);
		const { error } = await update({ dialRules: { json: [{ value: '[{"repl_exp":"7"}]' }] } });
		expect(error?.message).toBe("'Match' is empty in Rule 1 of 'Rules'");
	});

	it('does not change the rules if none is added, and deletes them for an empty JSON list', async () => {
		await update({ name: 'Same rules', dialRules: {} });
		expect(sentBodies()).toEqual([{ name: 'Same rules' }]);
		await update({ dialRules: { json: [{ value: '[]' }] } });
		expect(sentBodies()).toEqual([{ dial_rules: [] }]);
	});

	it('sends an empty update if no field is added', async () => {
		const { json } = await update({});
		expect(sentBodies()).toEqual([{}]);
		expect(json).toHaveLength(1);
	});
});

describe('Variables of the PBX', () => {
	it('sets all variables in one request and outputs one item for each', async () => {
		const { json } = await fixture.run({
			resource: 'variable',
			operation: 'set',
			variableVariables: {
				rows: [
					{ var: 'a', value: '' },
					{ var: 'b', value: 'two' },
				],
			},
		});
		expect(sentBodies().at(-1)).toEqual({
			variables: [
				{ var: 'a', value: '' },
				{ var: 'b', value: 'two' },
			],
		});
		expect(json).toMatchObject([{ var: 'a' }, { var: 'b', value: 'two' }]);
	});
});

describe('inputs of one type of user', () => {
	it('sends only the inputs of the type, also if the type is an expression', async () => {
		fixture.sandbox.journal.clear();
		const [{ id: extension }] = fixture.sandbox.store.extensions.list();
		const { error } = await fixture.run(
			{
				resource: 'user',
				operation: 'create',
				userType: '={{ $json.type }}',
				userName: 'Nathan',
				userLogin: '={{ $json.type }}',
				userPassword: 'hush-hush',
				userEmail: 'nathan@example.com',
				userExtensionId: byId(extension),
				userExtensionGroupId: byId(71),
			},
			{ json: ['client', 'extension', 'extension_group'].map((type) => ({ type })) },
		);
		expect(error).toBeUndefined();
		const requests = fixture.sandbox.journal.api().sort((a, b) => a.path.length - b.path.length);
		const types = requests.map(({ path }) => path.split('/').at(-2));
		expect(types).toEqual(['client', 'extension', 'extension_group']);
		const user = { name: 'Nathan', password: 'hush-hush', email: 'nathan@example.com' };
		expect(requests.map(({ body }) => body)).toEqual([
			{ ...user, login: 'client' },
			{ ...user, login: 'extension', extension_id: extension },
			{ ...user, login: 'extension_group', extension_group_id: 71 },
		]);
	});

	it('redacts a password that the message of the PBX repeats', async () => {
		const { error } = await fixture.run({
			resource: 'user',
			operation: 'create',
			userType: 'client',
			userName: 'A',
			userLogin: 'admin',
			userPassword: 'admin',
			userEmail: 'a@example.com',
		});
		expect(error?.message).toContain("'***' is taken");
		expect(`${error?.description}`).not.toContain('admin');
	});
});

describe('lists of IDs', () => {
	it('joins single IDs and lists of IDs from expressions', async () => {
		const [a, b, c] = fixture.sandbox.store.extensions.list().map(({ id }) => id);
		fixture.sandbox.journal.clear();
		await fixture.run(
			{
				resource: 'alias',
				operation: 'getMany',
				aliasFilters: { extensionId: ['={{ $json.ids }}', String(c)] },
			},
			{ json: [{ ids: [a, b] }] },
		);
		expect(fixture.sandbox.journal.api()[0].query.extension_id).toEqual([a, b, c].map(String));
	});
});

describe('list search', () => {
	const search = async (method: string, parameters: INodeParameters = {}) =>
		(await searchList(fixture, method, parameters)).map(({ name }) => name);

	it.each([
		['searchAgent', { agentType: 'local' }, 'Sam'],
		['searchAgent', { agentType: 'remote' }, 'Remo (447700900101)'],
		['searchAlias', {}, 'office'],
		['searchCallStatus', {}, 'Lunch'],
		['searchDialRuleList', {}, 'National numbers'],
		['searchDid', {}, '+442079460100'],
		['searchExtensionGroup', {}, 'Sales'],
		['searchInterval', {}, 'Office hours'],
		['searchNetworkPermission', {}, 'Office network'],
		['searchUser', { userType: 'client' }, 'Ann Admin (admin)'],
		['searchUser', { userType: 'extension_group' }, 'Lea Lead (saleslead)'],
	])('%s with the parameters %j begins with %s', async (method, parameters, first) => {
		expect((await search(method, parameters))[0]).toBe(first);
	});

	it('lists the events of an agent after the agent is selected', async () => {
		const { id: agent_id } = fixture.sandbox.store.agents.list()[4];
		const event = { agent_id, method: 'GET', event_type: 'agent-logout' } as const;
		fixture.sandbox.store.agentEvents.insert({ ...event, url: 'https://example.com/hook' });
		const searchEvents = async (agentEventAgentId: INodeParameters) =>
			await search('searchAgentEvent', { agentType: 'remote', agentEventAgentId });
		expect(await searchEvents({ ...byId(agent_id), mode: 'list' })).toEqual([
			'Agent Logged Out → https://example.com/hook',
		]);
		await expect(searchEvents({ ...byId(''), mode: 'list' })).rejects.toThrow("'Agent' is empty");
	});

	it('lists the events of the selected extension, and of no other', async () => {
		const { extensions, extensionEvents } = fixture.sandbox.store;
		const [first, second] = extensions.list().map(({ id }) => id);
		for (const extension_id of [first, second]) {
			const event = { extension_id, method: 'POST', event_type: 'hangup' } as const;
			extensionEvents.insert({ ...event, url: `https://example.com/${extension_id}` });
		}
		const extensionEventExtensionId = { ...byId(second), mode: 'list' };
		expect(await search('searchExtensionEvent', { extensionEventExtensionId })).toEqual([
			`Call Ended → https://example.com/${second}`,
		]);
	});
});
