import type { IExecuteSingleFunctions, INodeExecutionData } from 'n8n-workflow';

import { downloadFile, type SendFileRequest } from '../../shared/files/downloadFile';
import { parseOutputField } from '../../shared/files/outputField';
import type { PbxClient, RequestOptions } from '../../shared/transport/client';

/**
 * Downloads a file into a binary field of the output item. The item's JSON describes it: `id`,
 * `fileName`, `mimeType` and `size` in bytes.
 *
 * @throws ValidationError without a name for the field; RequestError where the PBX returned text or nothing
 * instead of a file
 */
export async function download(
	context: IExecuteSingleFunctions,
	client: PbxClient,
	request: RequestOptions,
	send: SendFileRequest,
): Promise<INodeExecutionData> {
	const field = parseOutputField(context.getNodeParameter('binaryPropertyName', 'data'));
	const file = await downloadFile(context.helpers, client, request, send);
	const { fileName, mimeType, bytes } = file;
	return {
		json: {
			id: request.resource?.id as string | number,
			fileName,
			mimeType,
			...(bytes && { size: bytes }),
		},
		binary: { [field]: file },
		pairedItem: { item: context.getItemIndex() },
	};
}
