import type {
	IBinaryData,
	IExecuteSingleFunctions,
	IN8nHttpFullResponse,
	INodeExecutionData,
} from 'n8n-workflow';

import type { PbxClient, RequestOptions } from '../../shared/transport/client';
import { parseErrorBody } from '../../shared/transport/parseError';
import { fileName } from './fileName';
import { mimeOf, typeOfBytes } from './fileType';

type Helpers = IExecuteSingleFunctions['helpers'];
/** A stream, without Node's own types. */
type Stream = Exclude<Parameters<Helpers['prepareBinaryData']>[0], Buffer>;

/** Media types that identify a file, so that its bytes need not be inspected. */
const MEDIA_TYPES = /^(audio|image|video)\/|^application\/(pdf|ogg|zip)$/;
/** Media types that servers use for bytes of unknown type. */
const GENERIC_TYPES =
	/^$|^(application|binary)\/(x-)?(octet-stream|binary|download|force-download)$/;

/** A file as n8n stores it, or the text that the PBX returned instead. */
type DownloadResult = { file: IBinaryData } | { errorText: string };

type SendFileRequest = (
	overrides: RequestOptions['http'] & Pick<RequestOptions, 'consumeBody'>,
) => Promise<IN8nHttpFullResponse>;

/**
 * Downloads a file into a binary field of the output item. The item's JSON describes it: `id`,
 * `fileName`, `mimeType` and `size` in bytes.
 *
 * @param request its record names a file that comes without a name
 * @throws RequestError where the PBX returned text or nothing instead of a file
 */
export async function download(
	context: IExecuteSingleFunctions,
	client: PbxClient,
	request: RequestOptions,
	send: SendFileRequest,
): Promise<INodeExecutionData> {
	const { resource } = request;
	const defaultName = resource ? `${resource.label} ${String(resource.id)}` : 'file';
	const { body, statusCode } = await send({
		encoding: 'stream',
		json: false,
		headers: { Accept: '*/*' },
		consumeBody: async (response) => await extractFile(context.helpers, response, defaultName),
	});
	const result = body as unknown as DownloadResult;
	if ('errorText' in result) {
		throw await client.toRequestError(
			{ kind: 'notAFile', status: statusCode, message: result.errorText },
			request,
		);
	}
	const { fileName, mimeType, bytes } = result.file;
	return {
		json: {
			id: resource?.id as string | number,
			fileName,
			mimeType,
			...(bytes && { size: bytes }),
		},
		binary: { [context.getNodeParameter('binaryPropertyName', 'data') as string]: result.file },
		pairedItem: { item: context.getItemIndex() },
	};
}

/**
 * Extracts the file from a response. Where n8n stores files outside the items, it is streamed there
 * and never whole in memory.
 */
async function extractFile(
	helpers: Helpers,
	{ body, headers }: IN8nHttpFullResponse,
	defaultName: string,
): Promise<DownloadResult> {
	const [mediaType] = String(headers['content-type'] ?? '').split(';');
	const mime = mediaType.trim().toLowerCase();
	const nameFor = (fileMime: string) =>
		fileName(headers['content-disposition'], defaultName, fileMime);
	if (MEDIA_TYPES.test(mime)) {
		const file = await helpers.prepareBinaryData(body as Stream, nameFor(mime), mime);
		return isEmpty(file) ? { errorText: '' } : { file };
	}
	const bytes = await helpers.binaryToBuffer(body as Stream);
	const type = typeOfBytes(bytes);
	const isText = /^\s*[{[<]/.test(bytes.toString('latin1', 0, 100));
	if (!type && (!bytes.length || isText || !GENERIC_TYPES.test(mime))) {
		return { errorText: parseErrorBody(bytes).message };
	}
	const fileMime = type ? mimeOf(type) : 'application/octet-stream';
	return { file: await helpers.prepareBinaryData(bytes, nameFor(fileMime), fileMime) };
}

const isEmpty = ({ bytes, fileSize }: IBinaryData) =>
	bytes === undefined ? /^0 /.test(fileSize ?? '') : bytes === 0;
