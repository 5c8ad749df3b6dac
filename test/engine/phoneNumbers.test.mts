/**
 * Every input of the description that is a phone number: it is sent as it is dialed, or refused before
 * anything is sent. Add Tasks and Call and Wait have tests of their own.
 */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { resources } from '../../nodes/RingMe/resources';
import { byId, setupFixture } from '../harness/fixture.mts';

const A = '+79161112233';
const B = '+79162223344';

const NUMBERS: Array<[unknown, string]> = [
	['+7 (916) 111-22-33', A],
	['tel:+7-916-111-22-33', A],
	['\ufeff+7916\u200b1112233', A],
	['＋７９１６１１１２２３３', A],
	[79161112233, '79161112233'],
	[' 101 ', '101'],
	['1844*101', '1844*101'],
	['1844*101@sip.example.com', '1844*101@sip.example.com'],
];

const NO_NUMBERS: unknown[] = [
	{ number: A },
	[{ VALUE: A }],
	true,
	'call after 5pm',
	'7.91612E+10',
	`${A} доб. 12`,
	'+7916***2233',
	'#N/A',
	'n/a',
	'anna@example.com',
];

const NUMBER = '={{ $json.value }}';
const remoteAgent = { resource: 'agent', agentType: 'remote', agentId: byId(306) };
const start = {
	resource: 'call',
	operation: 'start',
	callExtensionId: byId(85201),
	callSrcNum: ['101'],
	callDstNum: '102',
};
const startWith = (name: string) => ({ ...start, callAdditionalFields: { [name]: NUMBER } });

/** Operations with an expression in one of the inputs. */
const INPUTS: Record<string, INodeParameters> = {
	'agent.create.number': {
		...remoteAgent,
		operation: 'create',
		agentName: 'Anna',
		agentNumber: NUMBER,
	},
	'agent.update.number': {
		...remoteAgent,
		operation: 'update',
		agentUpdateFields: { number: NUMBER },
	},
	'call.getMany.to_username': {
		resource: 'call',
		operation: 'getMany',
		startDatetime: '2026-05-01',
		endDatetime: '2026-05-02',
		callFilters: { toUsername: NUMBER },
	},
	'call.start.src_num': { ...start, callSrcNum: NUMBER },
	'call.start.dst_num': { ...start, callDstNum: NUMBER },
	'call.start.transfer_after_dst_hangup': startWith('transferAfterDstHangup'),
	'call.start.transfer_after_src_hangup': startWith('transferAfterSrcHangup'),
	'call.transfer.send_dst': {
		resource: 'call',
		operation: 'transfer',
		callExtensionId: byId(85201),
		callApiId: byId('1-2'),
		callSendDst: NUMBER,
	},
	'callerId.update.ani_number': {
		resource: 'callerId',
		operation: 'update',
		callerIdAniNumber: NUMBER,
	},
};

const fixture = setupFixture();

it('are all of the resources', () => {
	const keys = resources.flatMap(({ key: resource, operations }) =>
		Object.entries(operations)
			.filter(([, { bulk, waits }]) => !bulk && !waits)
			.flatMap(([operation, { required = [], optional = [] }]) =>
				[...required, ...optional]
					.filter(({ kind }) => kind === 'phoneNumber' || kind === 'phoneNumbers')
					.map(({ key }) => `${resource}.${operation}.${key}`),
			),
	);
	expect(Object.keys(INPUTS)).toEqual(keys);
});

describe.each(Object.entries(INPUTS))('%s', (name, parameters) => {
	const isList = name === 'call.start.src_num';

	/** Runs the operation for each value, and returns what the PBX was sent as the number. */
	async function run(values: unknown[]) {
		const key = name.replace(/^.*\./, '');
		fixture.sandbox.journal.clear();
		const result = await fixture.run(parameters, {
			json: values.map((value) => ({ value }) as IDataObject),
			onError: 'continueRegularOutput',
		});
		const sent = fixture.sandbox.journal
			.api()
			.map(({ body, query }) => (body as IDataObject | undefined)?.[key] ?? query[key]);
		return { ...result, sent };
	}

	it('is sent as it is dialed', async () => {
		const { sent } = await run(NUMBERS.map(([written]) => written));
		expect(new Set(sent.flat())).toEqual(new Set(NUMBERS.map(([, number]) => number)));
	});

	it('is refused, with the value, where it is no number', async () => {
		const { items, sent } = await run(NO_NUMBERS);
		expect(sent).toEqual([]);
		expect(items).toHaveLength(NO_NUMBERS.length);
		for (const { json } of items) expect(json.error).toMatch(/^'.*' is not a phone number: /);
	});

	it('has several numbers only where it is a list', async () => {
		const { sent, items } = await run([`${A}, ${B}`, [A, B], `${A} ${B}`]);
		expect(sent).toEqual(
			isList
				? [
						[A, B],
						[A, B],
						[A, B],
					]
				: [],
		);
		expect(items.filter(({ json }) => json.error)).toHaveLength(isList ? 0 : 3);
	});
});

describe('Call, Start', () => {
	const startCall = async (parameters: INodeParameters) =>
		await fixture.run({ ...start, ...parameters });

	it('takes two numbers that were pasted into one entry for two', async () => {
		await startCall({ callSrcNum: ['101, 102'] });
		expect(fixture.sandbox.journal.last()?.body).toMatchObject({ src_num: ['101', '102'] });
	});

	it.each(['RU', 'ru', 'Russia', ' russia '])(
		'completes national numbers of the country %j, but not the DIDs of the PBX',
		async (countryOfNumbers) => {
			const { error } = await startCall({
				callSrcNum: ['101', '8 (916) 111-22-33', '1844*102'],
				callDstNum: '9162223344',
				callAdditionalFields: {
					countryOfNumbers,
					dstAni: '74959998877',
					transferAfterSrcHangup: '8 916 222-33-44',
				},
			});
			expect(error?.message).toBeUndefined();
			expect(fixture.sandbox.journal.last()?.body).toEqual({
				src_num: ['101', A, '1844*102'],
				dst_num: B,
				dst_ani: '74959998877',
				transfer_after_src_hangup: B,
			});
		},
	);

	it.each(['', ' ', 'Narnia', 'XX', '={{ $json.missing }}', '={{ [] }}'])(
		'starts no call for the country %j',
		async (countryOfNumbers) => {
			const { error } = await startCall({ callAdditionalFields: { countryOfNumbers } });
			expect(error?.message).toContain("'Country of Numbers'");
			expect(fixture.sandbox.journal.api()).toEqual([]);
		},
	);
});
