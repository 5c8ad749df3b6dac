/** Binary data of items: inside them, or in files. */
import type { INodeExecutionData } from 'n8n-workflow';

import type { N8n } from './n8n.mts';

/** `default`: inside the items, as n8n 1 does by default and n8n 3 cannot any more. */
export type BinaryMode = 'default' | 'filesystem';

/** Sets where n8n stores binary data; one setting for the process, as in n8n. */
export async function setBinaryMode({ core, container }: N8n, mode: BinaryMode) {
	const config = container.get(core.BinaryDataConfig);
	if (config.mode === mode) return;
	config.mode = mode;
	await container.get(core.BinaryDataService).init();
}

/** @returns the bytes of an item's binary property */
export async function readBinary(n8n: N8n, item: INodeExecutionData, property: string) {
	const binary = item.binary?.[property];
	if (!binary) throw new Error(`The item has no binary property "${property}"`);
	return await n8n.container.get(n8n.core.BinaryDataService).getAsBuffer(binary);
}

/** A small binary property for an input item, stored inside the item. */
export function binaryProperty(bytes: Buffer | string, fileName: string, mimeType: string) {
	const data = Buffer.from(bytes);
	return {
		data: data.toString('base64'),
		mimeType,
		fileName,
		fileExtension: fileName.split('.').pop(),
		fileSize: `${data.length} B`,
		bytes: data.length,
	};
}
