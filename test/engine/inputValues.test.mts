/** Values as spreadsheets, forms and models give them: read as they are meant, or refused before anything is sent. */
import type { GenericValue, IDataObject, INodeParameters } from 'n8n-workflow';

import { byId, setupFixture } from '../harness/fixture.mts';

const fixture = setupFixture();

const journal = () => fixture.sandbox.journal.api();

/** Runs an operation for one item. */
async function run(parameters: INodeParameters, json: IDataObject = {}) {
	fixture.sandbox.journal.clear();
	return await fixture.run(parameters, { json: [json] });
}

async function expectRefused(parameters: INodeParameters, json: IDataObject, words: string) {
	const { error } = await run(parameters, json);
	expect(`${error?.message} ${error?.description}`).toContain(words);
	expect(fixture.sandbox.journal.all()).toEqual([]);
}

const VALUE = '={{ $json.value }}';

describe('Text', () => {
	const createGroup = {
		resource: 'extensionGroup',
		operation: 'create',
		extensionGroupName: VALUE,
	};

	it.each([
		['text with blanks around it', ' Sales ', 'Sales'],
		['a number', 7, '7'],
		['text in another script', 'Отдел продаж', 'Отдел продаж'],
	])('sends %s as text', async (_, value, sent) => {
		await run(createGroup, { value });
		expect(journal()[0].body).toEqual({ name: sent });
	});

	it.each<[string, GenericValue]>([
		['a list', ['Sales']],
		['an object', { name: 'Sales' }],
		['a boolean', true],
	])('refuses %s', async (_, value) => {
		await expectRefused(createGroup, { value } as IDataObject, "'Name' is not text");
	});

	it('sends a date of an expression as ISO 8601', async () => {
		await run(
			{ ...createGroup, extensionGroupName: '={{ DateTime.fromISO($json.value).toUTC() }}' },
			{ value: '2026-05-31T18:00:00Z' },
		);
		expect(journal()[0].body).toEqual({ name: '2026-05-31T18:00:00.000Z' });
	});

	it('keeps the blanks of a regular expression', async () => {
		const rows = [{ matchExp: '^8 ', replExp: ' 7' }];
		await run({
			resource: 'dialRuleList',
			operation: 'create',
			dialRuleListName: 'A',
			dialRuleListDialRules: { rows },
		});
		expect(journal()[0].body).toEqual({
			name: 'A',
			dial_rules: [{ match_exp: '^8 ', repl_exp: ' 7' }],
		});
	});
});

describe('Email addresses', () => {
	const report = {
		resource: 'callCenterReport',
		operation: 'create',
		startDatetime: '2026-01-01T00:00:00Z',
		endDatetime: '2026-01-02T00:00:00Z',
		callCenterReportEmails: VALUE,
	};

	it.each<[string, GenericValue, string]>([
		['one address', ' a@example.com ', 'a@example.com'],
		[
			'several addresses in one text',
			'a@example.com; b@example.com',
			'a@example.com,b@example.com',
		],
		['a list of addresses', ['a@example.com', 'b@example.com'], 'a@example.com,b@example.com'],
		['a list as JSON text', '["a@example.com"]', 'a@example.com'],
	])('sends a report to %s', async (_, value, sent) => {
		await run(report, { value } as IDataObject);
		expect(journal()[0].body).toMatchObject({ emails: sent });
	});

	it.each<[string, GenericValue]>([
		['a list with an object', [{ email: 'a@example.com' }]],
		['text without an address', 'Anna'],
	])('refuses %s', async (_, value) => {
		await expectRefused(report, { value } as IDataObject, "'Emails' is not");
	});
});

describe('Lists', () => {
	const filterBy = (name: string, value: INodeParameters[string]) => ({
		resource: 'user',
		operation: 'getMany',
		userType: 'extension',
		userFilters: { [name]: value },
	});

	it.each<[string, GenericValue]>([
		['a list', [1, '2', 3]],
		['a list of lists', [[1, 2], 3]],
		['a list as JSON text', '[1, "2", 3]'],
		['text with commas', '1, 2,3'],
		['text with line breaks', '1\n2\r\n3'],
		['text with semicolons', '1;2; 3'],
	])('reads %s as three IDs, as the list and as one of its values', async (_, value) => {
		for (const stored of [VALUE, [VALUE]]) {
			await run(filterBy('id', stored), { value } as IDataObject);
			expect(journal()[0].query).toMatchObject({ id: ['1', '2', '3'] });
		}
	});

	it.each<[string, GenericValue]>([
		['an object', [{ id: 1 }]],
		['a boolean', [true]],
		['text', 'one'],
		['a fraction', '1.5'],
		['a number that is no decimal', '0x10'],
	])('refuses %s as an ID', async (_, value) => {
		await expectRefused(filterBy('id', VALUE), { value } as IDataObject, "'IDs' is not");
		await expectRefused(filterBy('id', [VALUE]), { value } as IDataObject, "'IDs' is not");
	});

	it('keeps the commas of comments, and separates them at line breaks', async () => {
		await run(filterBy('comment', VALUE), { value: 'Moved, no access\nNew' });
		expect(journal()[0].query).toMatchObject({ comment: ['Moved, no access', 'New'] });
	});

	it('refuses an object in a list of text', async () => {
		const value = [{ login: 'ann' }];
		await expectRefused(filterBy('login', VALUE), { value } as IDataObject, "'Logins' is not text");
	});
});

describe('Choices', () => {
	const update = { resource: 'user', operation: 'update', userType: 'client' };

	it.each(['blocked', 'Blocked', ' BLOCKED '])('reads the status "%s"', async (value) => {
		await run({ ...update, userId: byId(1), userUpdateFields: { status: VALUE } }, { value });
		expect(journal()[0].body).toEqual({ status: 'blocked' });
	});

	it.each<[string, GenericValue]>([
		['an unknown word', 'off'],
		['a list', ['blocked']],
		['an object', {}],
		['a boolean', false],
	])('refuses %s and names the choices', async (_, value) => {
		const parameters = { ...update, userId: byId(1), userUpdateFields: { status: VALUE } };
		await expectRefused(parameters, { value } as IDataObject, 'Active, Blocked');
	});

	it('reads the type in the path by its label', async () => {
		await run(
			{ resource: 'agent', operation: 'getMany', agentType: VALUE, agentFilters: {} },
			{ value: 'Remote' },
		);
		expect(journal()[0].path).toMatch(/\/agent\/remote\/$/);
	});

	it('refuses an added filter that does not belong to the type', async () => {
		const parameters = {
			resource: 'agent',
			operation: 'getMany',
			agentType: VALUE,
			agentFilters: { extensionId: ['1'] },
		};
		await expectRefused(parameters, { value: 'remote' }, "'Extension IDs' does not belong");
	});

	it('does not require the fields of other types', async () => {
		const { error } = await run(
			{
				resource: 'user',
				operation: 'create',
				userType: VALUE,
				userName: 'A',
				userLogin: ' anna ',
				userPassword: ' secret ',
				userEmail: 'a@example.com',
			},
			{ value: 'Client' },
		);
		expect(error).toBeUndefined();
		expect(journal()[0].body).toEqual({
			name: 'A',
			login: 'anna',
			password: ' secret ',
			email: 'a@example.com',
		});
	});
});

describe('Rows of an interval', () => {
	const create = (intervalConditions: INodeParameters | string) => ({
		resource: 'interval',
		operation: 'create',
		intervalName: 'Hours',
		intervalTimezone: 'Europe/Moscow',
		intervalConditions,
	});

	it.each<[string, INodeParameters | string]>([
		[
			'both times from columns that are missing',
			{ week: [{ startTime: '={{ $json.a }}', endTime: '={{ $json.b }}' }] },
		],
		['a time that is empty text', { week: [{ startTime: '={{ "" }}', endTime: '18:00' }] }],
		['an expression in place of the rows', { week: '={{ $json.rows }}' }],
		['an expression in place of all conditions', '={{ $json.rows }}'],
		[
			'JSON with an empty time',
			{ json: [{ value: '[{"start_dow":2,"start_time":"","end_time":"18:00"}]' }] },
		],
		['an expression for JSON without a value', { json: [{ value: '={{ $json.a }}' }], week: [{}] }],
		['day 8', { json: [{ value: '[{"start_dow":8}]' }] }],
		['day 0', { week: [{ startDow: '={{ 0 }}' }] }],
		['month 13', { json: [{ value: '[{"month":13}]' }] }],
	])('refuses %s', async (_, conditions) => {
		await expectRefused(create(conditions), { rows: [{ startTime: '09:00' }] }, "'");
	});

	it('reads days and months by their names', async () => {
		await run(
			create({ json: [{ value: '[{"start_dow":"Monday","end_dow":"friday","month":"May"}]' }] }),
		);
		expect(journal()[0].body).toMatchObject({
			conditions: [{ start_dow: 2, end_dow: 6, month: 5 }],
		});
	});
});

describe('Updates', () => {
	it.each<[string, GenericValue, IDataObject]>([
		['empty text', '', { comment: '' }],
		['null', null, { comment: '' }],
		['blanks', '  ', { comment: '' }],
	])('clears a comment with %s', async (_, value, body) => {
		await run(
			{
				resource: 'taskScheduler',
				operation: 'update',
				schedulerId: '1',
				taskSchedulerUpdateFields: { comment: VALUE },
			},
			{ value } as IDataObject,
		);
		expect(journal()[0]).toMatchObject({ status: 200, body });
	});

	it('clears a list with an empty list, and a record of the PBX with null', async () => {
		const [{ id }] = fixture.sandbox.store.networkPermissions.list();
		await run(
			{
				resource: 'networkPermission',
				operation: 'update',
				groupId: byId(id),
				networkPermissionUpdateFields: { networkAddress: VALUE },
			},
			{ value: [] },
		);
		expect(journal()[0]).toMatchObject({ status: 200, body: { network_address: [] } });
		await run(
			{
				resource: 'client',
				operation: 'update',
				clientUpdateFields: { holdMusic: { __rl: true, mode: 'id', value: VALUE } },
			},
			{ value: null },
		);
		expect(journal()[0]).toMatchObject({ status: 200, body: { hold_music: null } });
	});

	it.each<[string, INodeParameters]>([
		['a column that does not exist', { comment: '={{ $json.nope }}' }],
		['an interval without a value', { intervalId: { __rl: true, mode: 'id', value: '={{ "" }}' } }],
		['a status without a value', { status: '={{ "" }}' }],
	])('refuses %s', async (_, taskSchedulerUpdateFields) => {
		const parameters = {
			resource: 'taskScheduler',
			operation: 'update',
			schedulerId: '1',
			taskSchedulerUpdateFields,
		};
		await expectRefused(parameters, {}, 'is set, but it is empty');
	});
});

describe('Switches and limits', () => {
	const list = { resource: 'extension', operation: 'getMany' };

	it('reads a switch that is text', async () => {
		const { json } = await run(
			{ ...list, returnAll: VALUE, limit: 2, simplify: VALUE },
			{ value: 'false' },
		);
		expect(json).toHaveLength(2);
		expect(Object.keys(json[0]).length).toBeGreaterThan(10);
	});

	it.each<[string, INodeParameters]>([
		["'Limit' that is a word", { limit: VALUE }],
		["'Simplify' that is neither true nor false", { simplify: VALUE }],
		["'Return All' that is neither true nor false", { returnAll: VALUE }],
	])('refuses %s', async (_, parameters) => {
		await expectRefused({ ...list, ...parameters }, { value: 'ten' }, "' ");
	});
});
