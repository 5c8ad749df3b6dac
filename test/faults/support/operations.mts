/** One operation of each kind, with three items, and how to see what the PBX really did. */
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import type { FaultInput, Sandbox } from '../../../sandbox/index.mts';
import { mp3Of, wavOf } from '../../../sandbox/state/audio.mts';
import { binaryProperty } from '../../harness/binary.mts';
import { byId } from '../../harness/pbx.mts';
import type { RunResult } from '../../harness/types.mts';

export const ITEMS = [0, 1, 2];
const SCHEDULER = '2';

export interface Operation {
	name: string;
	nature: 'get' | 'list' | 'file' | 'replace' | 'remove' | 'add' | 'bulk';
	parameters: INodeParameters;
	/** The requests that a fault strikes. */
	struck: FaultInput['match'];
	/** The input on a fresh sandbox, and what to look at afterwards. */
	open(sandbox: Sandbox): {
		items: INodeExecutionData[];
		/** How often the PBX did what an item asks for; of a read, whether the output is the truth. */
		did(item: number, result: RunResult): number;
	};
}

const ofItem = ({ items }: RunResult, item: number) =>
	items.filter(({ pairedItem }) => (pairedItem as { item: number }).item === item);
const count = (rows: Iterable<object>, key: string, value: unknown) =>
	[...rows].filter((row) => (row as Record<string, unknown>)[key] === value).length;
const chosen = byId('={{ $json.id }}');
const extensionsOf = ({ store }: Sandbox) => {
	const list = store.extensions.list();
	const rows = ITEMS.map((item) => list[item + 3]);
	const items = rows.map(({ id }, item) => ({ json: { id, label: `New ${item}` } }));
	return { rows, items };
};

export const operations: Operation[] = [
	{
		name: 'get',
		nature: 'get',
		parameters: { resource: 'extension', operation: 'get', extensionId: chosen },
		struck: { operationId: 'getExtension' },
		open: (sandbox) => {
			const { rows, items } = extensionsOf(sandbox);
			const jsons = (result: RunResult, item: number) => ofItem(result, item).map((it) => it.json);
			return { items, did: (item, result) => count(jsons(result, item), 'id', rows[item].id) };
		},
	},
	{
		name: 'list',
		nature: 'list',
		parameters: { resource: 'extension', operation: 'getMany', returnAll: true },
		struck: { operationId: 'listExtensions' },
		open: ({ store }) => {
			const all = String(store.extensions.list().map(({ id }) => id));
			const listed = (result: RunResult, item: number) =>
				ofItem(result, item).flatMap(({ json: { id } }) => id ?? []);
			return {
				items: ITEMS.map(() => ({ json: {} })),
				did: (item, result) => (String(listed(result, item)) === all ? 1 : 0),
			};
		},
	},
	{
		name: 'create',
		nature: 'add',
		parameters: {
			resource: 'extensionGroup',
			operation: 'create',
			extensionGroupName: '={{ $json.name }}',
		},
		struck: { method: 'POST', path: '/extension_group/' },
		open: ({ store }) => ({
			items: ITEMS.map((item) => ({ json: { name: `Group ${item}` } })),
			did: (item) => count(store.extensionGroups.list(), 'name', `Group ${item}`),
		}),
	},
	{
		name: 'update',
		nature: 'replace',
		parameters: {
			resource: 'extension',
			operation: 'update',
			extensionId: chosen,
			extensionUpdateFields: { label: '={{ $json.label }}' },
		},
		struck: { method: 'PUT' },
		open: (sandbox) => {
			const { rows, items } = extensionsOf(sandbox);
			return { items, did: (item) => count([rows[item]], 'label', `New ${item}`) };
		},
	},
	{
		name: 'delete',
		nature: 'remove',
		parameters: { resource: 'extension', operation: 'delete', extensionId: chosen },
		struck: { method: 'DELETE' },
		open: (sandbox) => {
			const { rows, items } = extensionsOf(sandbox);
			return { items, did: (item) => (sandbox.store.extensions.get(rows[item].id) ? 0 : 1) };
		},
	},
	{
		name: 'upload',
		nature: 'add',
		parameters: {
			resource: 'sound',
			operation: 'upload',
			soundTitle: '={{ $json.title }}',
			soundFile: 'data',
		},
		struck: { method: 'POST', path: '/sound/' },
		open: ({ store }) => ({
			items: ITEMS.map((item) => ({
				json: { title: `Sound ${item}` },
				binary: { data: binaryProperty(wavOf(0.1, 440), 'a.wav', 'audio/wav') },
			})),
			did: (item) => count(store.sounds.list(), 'title', `Sound ${item}`),
		}),
	},
	{
		name: 'download',
		nature: 'file',
		parameters: {
			resource: 'recording',
			operation: 'download',
			recordUuid: byId('={{ $json.uuid }}'),
		},
		struck: { method: 'GET', path: '/record/' },
		open: ({ store }) => {
			const rows = store.records.list().slice(0, ITEMS.length);
			const bytes = rows.map(({ record_uuid: uuid, duration }) =>
				mp3Of(uuid, duration).toString('base64'),
			);
			return {
				items: rows.map(({ record_uuid: uuid }) => ({ json: { uuid } })),
				did: (item, result) =>
					ofItem(result, item).filter(({ binary }) => binary?.data.data === bytes[item]).length,
			};
		},
	},
	{
		name: 'bulk',
		nature: 'bulk',
		parameters: { resource: 'taskScheduler', operation: 'addTasks', schedulerId: SCHEDULER },
		struck: { method: 'POST', path: '/tasks/' },
		open: ({ store }) => {
			const number = (item: number) => `+44207946000${item}`;
			return {
				items: ITEMS.map((item) => ({ json: { a_number: number(item), b_number: '101' } })),
				did: (item) => count(store.tasks.values(), 'a_number', number(item)),
			};
		},
	},
];
