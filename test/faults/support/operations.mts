/** One operation of each kind, with three items, and how often the PBX really executed each. */
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import type { FaultInput, Sandbox } from '../../../sandbox/index.mts';
import { mp3Of, wavOf } from '../../../sandbox/state/audio.mts';
import { binaryProperty } from '../../harness/binary.mts';
import type { Engine } from '../../harness/engine.mts';
import { byId, oAuth2 } from '../../harness/fixture.mts';
import type { RunResult } from '../../harness/types.mts';

export type OperationKind =
	| 'get'
	| 'list'
	| 'file'
	| 'update'
	| 'delete'
	| 'create'
	| 'transfer'
	| 'bulk';

export interface Operation {
	name: string;
	kind: OperationKind;
	parameters: INodeParameters;
	/** The requests that a fault is injected into. */
	faultTarget: FaultInput['match'];
	/** The input on a fresh sandbox, and a way to see what the PBX did. */
	prepare(sandbox: Sandbox, engine: Engine): PreparedOperation | Promise<PreparedOperation>;
}

export interface PreparedOperation {
	items: INodeExecutionData[];
	/** Options of the node that are known only now. */
	options?: INodeParameters;
	/** How often the PBX executed what an item asks for; for a read, 1 if its output is right. */
	countExecutions(item: number, result: RunResult, engine: Engine): number | Promise<number>;
	close?(): Promise<void>;
}

const ITEMS = [0, 1, 2];
const SCHEDULER_ID = '2';

const outputOf = ({ items }: RunResult, item: number) =>
	items.filter(({ pairedItem }) => (pairedItem as { item: number }).item === item);

const countWhere = (records: Iterable<object>, key: string, value: unknown) =>
	[...records].filter((record) => (record as Record<string, unknown>)[key] === value).length;

const idFromItem = byId('={{ $json.id }}');

/** Three extensions, and an input item for each. */
function prepareExtensions({ store }: Sandbox) {
	const list = store.extensions.list();
	const extensions = ITEMS.map((item) => list[item + 3]);
	const items = extensions.map(({ id }, item) => ({ json: { id, label: `New ${item}` } }));
	return { extensions, items };
}

/** Three calls between a phone and an external number, and an input item for each. */
async function prepareActiveCalls({ telephony, clock, store }: Sandbox) {
	const calls = ITEMS.map((item) => {
		const owner = store.extensions.get(85201 + item);
		if (!owner) throw new Error('The sandbox has too few extensions');
		return telephony.control.start({
			owner,
			sources: [`10${1 + item}`],
			destination: `44770090012${item + 1}`,
			autoAnswerSource: 0,
			autoAnswerDestination: 0,
		});
	});
	await clock.advance(1000);
	const items = calls.map(({ id }, item) => ({
		json: { extensionId: 85201 + item, callId: id, to: `10${5 + item}` },
	}));
	return { calls, items };
}

const ACTIVE_CALL = {
	resource: 'call',
	callExtensionId: byId('={{ $json.extensionId }}'),
	callApiId: byId('={{ $json.callId }}'),
};

const operations: Operation[] = [
	{
		name: 'get',
		kind: 'get',
		parameters: { resource: 'extension', operation: 'get', extensionId: idFromItem },
		faultTarget: { operationId: 'getExtension' },
		prepare: (sandbox) => {
			const { extensions, items } = prepareExtensions(sandbox);
			return {
				items,
				countExecutions: (item, result) => {
					const records = outputOf(result, item).map(({ json }) => json);
					return countWhere(records, 'id', extensions[item].id);
				},
			};
		},
	},
	{
		name: 'list',
		kind: 'list',
		parameters: { resource: 'extension', operation: 'getMany', returnAll: true },
		faultTarget: { operationId: 'listExtensions' },
		prepare: ({ store }) => {
			const expectedIds = String(store.extensions.list().map(({ id }) => id));
			return {
				items: ITEMS.map(() => ({ json: {} })),
				countExecutions: (item, result) => {
					const ids = outputOf(result, item).flatMap(({ json: { id } }) => id ?? []);
					return String(ids) === expectedIds ? 1 : 0;
				},
			};
		},
	},
	{
		name: 'create',
		kind: 'create',
		parameters: {
			resource: 'extensionGroup',
			operation: 'create',
			extensionGroupName: '={{ $json.name }}',
		},
		faultTarget: { method: 'POST', path: '/extension_group/' },
		prepare: ({ store }) => ({
			items: ITEMS.map((item) => ({ json: { name: `Group ${item}` } })),
			countExecutions: (item) => countWhere(store.extensionGroups.list(), 'name', `Group ${item}`),
		}),
	},
	{
		name: 'start call',
		kind: 'create',
		parameters: {
			resource: 'call',
			operation: 'start',
			callExtensionId: byId('85201'),
			callSrcNum: ['101'],
			callDstNum: '={{ $json.number }}',
		},
		faultTarget: { operationId: 'startCall' },
		prepare: ({ telephony }) => {
			const number = (item: number) => `44770090012${item + 1}`;
			return {
				items: ITEMS.map((item) => ({ json: { number: number(item) } })),
				countExecutions: (item) =>
					telephony.calls.current().filter(({ parties }) => parties?.to === number(item)).length,
			};
		},
	},
	{
		name: 'transfer call',
		kind: 'transfer',
		parameters: {
			...ACTIVE_CALL,
			operation: 'transfer',
			callAction: 'attended_transfer',
			callSendDst: '={{ $json.to }}',
		},
		faultTarget: { operationId: 'transferCall' },
		prepare: async (sandbox) => {
			const { calls, items } = await prepareActiveCalls(sandbox);
			return {
				items,
				countExecutions: (item) =>
					calls[item].legs.filter(({ extension }) => extension.id === 85205 + item).length,
			};
		},
	},
	{
		name: 'hang up call',
		kind: 'delete',
		parameters: { ...ACTIVE_CALL, operation: 'hangUp' },
		faultTarget: { operationId: 'hangUpCall' },
		prepare: async (sandbox) => {
			const { calls, items } = await prepareActiveCalls(sandbox);
			return {
				items,
				countExecutions: (item) =>
					calls[item].legs.every(({ endTime }) => endTime !== null) ? 1 : 0,
			};
		},
	},
	{
		name: 'update',
		kind: 'update',
		parameters: {
			resource: 'extension',
			operation: 'update',
			extensionId: idFromItem,
			extensionUpdateFields: { label: '={{ $json.label }}' },
		},
		faultTarget: { method: 'PUT' },
		prepare: (sandbox) => {
			const { extensions, items } = prepareExtensions(sandbox);
			return {
				items,
				countExecutions: (item) => countWhere([extensions[item]], 'label', `New ${item}`),
			};
		},
	},
	{
		name: 'delete',
		kind: 'delete',
		parameters: { resource: 'extension', operation: 'delete', extensionId: idFromItem },
		faultTarget: { method: 'DELETE' },
		prepare: (sandbox) => {
			const { extensions, items } = prepareExtensions(sandbox);
			return {
				items,
				countExecutions: (item) => (sandbox.store.extensions.get(extensions[item].id) ? 0 : 1),
			};
		},
	},
	{
		name: 'upload',
		kind: 'create',
		parameters: {
			resource: 'sound',
			operation: 'upload',
			soundTitle: '={{ $json.title }}',
			soundFile: 'data',
		},
		faultTarget: { method: 'POST', path: '/sound/' },
		prepare: ({ store }) => ({
			items: ITEMS.map((item) => ({
				json: { title: `Sound ${item}` },
				binary: { data: binaryProperty(wavOf(0.1, 440), 'a.wav', 'audio/wav') },
			})),
			countExecutions: (item) => countWhere(store.sounds.list(), 'title', `Sound ${item}`),
		}),
	},
	{
		name: 'download',
		kind: 'file',
		parameters: {
			resource: 'recording',
			operation: 'download',
			recordUuid: byId('={{ $json.uuid }}'),
		},
		faultTarget: { method: 'GET', path: '/record/' },
		prepare: ({ store }) => {
			const recordings = store.records.list().slice(0, ITEMS.length);
			const files = recordings.map(({ record_uuid: uuid, duration }) => mp3Of(uuid, duration));
			return {
				items: recordings.map(({ record_uuid: uuid }) => ({ json: { uuid } })),
				countExecutions: async (item, result, engine) => {
					const downloaded = await Promise.all(
						outputOf(result, item).map(async (output) => await engine.readBinary(output)),
					);
					return downloaded.filter((file) => file.equals(files[item])).length;
				},
			};
		},
	},
	addTasks('bulk', {}),
	addTasks('bulk, screened', {
		doNotCall: ['+442079469999'],
		consentField: 'agreed',
		skipDuplicates: true,
		skipPeopleAddedBefore: true,
	}),
	// Another value in each try of Retry On Fail.
	addTasks('bulk, changing', {
		name: '={{ Math.random() }}',
		startTimeUtc: '={{ $now.plus({ minutes: 5 }).toISO() }}',
		variables: {
			rows: [
				{
					name: 'made',
					value: "={{ $('Start').itemMatching($itemIndex).json.a_number + $now.toISO() }}",
				},
			],
		},
	}),
	reportResults(),
];

export const isReadOnly = ({ kind }: Operation) => ['get', 'list', 'file'].includes(kind);
const isBulk = ({ kind }: Operation) => kind === 'bulk';

/** All operations, in the groups that are tested side by side. */
export const readOperations = operations.filter(isReadOnly);
export const bulkOperations = operations.filter(isBulk);
export const writeOperations = operations.filter((each) => !isReadOnly(each) && !isBulk(each));

function addTasks(name: string, options: INodeParameters): Operation {
	const number = (item: number) => `+44207946000${item}`;
	return {
		name,
		kind: 'bulk',
		parameters: {
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: SCHEDULER_ID,
			unknownFields: 'ignore',
			options,
		},
		faultTarget: { method: 'POST', path: '/tasks/' },
		prepare: ({ store }) => ({
			items: ITEMS.map((item) => ({
				json: { a_number: number(item), b_number: '101', agreed: true },
			})),
			countExecutions: (item) => countWhere(store.tasks.values(), 'a_number', number(item)),
		}),
	};
}

/** Add Tasks with the URL of a trigger; only a task with its URL is executed as asked. */
function reportResults(): Operation {
	const operation = addTasks('bulk, reported', {});
	return {
		...operation,
		async prepare(sandbox, engine) {
			const prepared = await operation.prepare(sandbox, engine);
			const trigger = await engine.trigger({
				node: 'ringMeTrigger',
				parameters: { authentication: 'oAuth2', events: ['task-finished'] },
				credentials: { ringMeOAuth2Api: oAuth2(sandbox) },
			});
			const hasUrl = ({ url_after: url }: { url_after?: unknown }) =>
				String(url).startsWith(`${trigger.url()}?report=`);
			return {
				items: prepared.items,
				options: { reportResultsTo: trigger.url(), resultKey: '={{ $itemIndex }}' },
				countExecutions: (item) => {
					const tasks = [...sandbox.store.tasks.values()].filter(hasUrl);
					return countWhere(tasks, 'a_number', prepared.items[item].json.a_number);
				},
				close: async () => await trigger.close(),
			};
		},
	};
}
