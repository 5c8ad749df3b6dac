import type { IExecuteSingleFunctions, INodeExecutionData } from 'n8n-workflow';

import { downloadFile, type SendFileRequest } from '../../shared/files/downloadFile';
import type { PbxClient, RequestOptions } from '../../shared/transport/client';

/**
 * Downloads a file into a binary field of the output item. The item's JSON describes it: `id`,
 * `fileName`, `mimeType` and `size` in bytes.
 *
 * @throws RequestError where the PBX returned text or nothing instead of a file
 */
export async function download(
	context: IExecuteSingleFunctions,
	client: PbxClient,
	request: RequestOptions,
	send: SendFileRequest,
): Promise<INodeExecutionData> {
	const file = await downloadFile(context.helpers, client, request, send);
	const { fileName, mimeType, bytes } = file;
	return {
		json: {
			id: request.resource?.id as string | number,
			fileName,
			mimeType,
			...(bytes && { size: bytes }),
		},
		binary: { [context.getNodeParameter('binaryPropertyName', 'data') as string]: file },
		pairedItem: { item: context.getItemIndex() },
	};
}
