import type { BinaryHelperFunctions, IBinaryData, IN8nHttpFullResponse } from 'n8n-workflow';

import type { PbxClient, RequestOptions } from '../transport/client';
import { parseErrorBody } from '../transport/parseError';
import { fileName } from './fileName';
import { isText, mimeOf, typeOfBytes } from './fileType';
import { firstBytes, type Stream } from './firstBytes';

type Helpers = Pick<BinaryHelperFunctions, 'prepareBinaryData'>;

/** Media types that identify a file. */
const MEDIA_TYPES = /^(audio|image|video)\/|^application\/(pdf|ogg|zip)$/;
/** Media types that servers use for bytes of unknown type. */
const GENERIC_TYPES =
	/^$|^(application|binary)\/(x-)?(octet-stream|binary|download|force-download)$/;

/** A file as n8n stores it, or the text that the PBX returned instead. */
type DownloadResult = { file: IBinaryData } | { errorText: string };

export type SendFileRequest = (
	overrides: RequestOptions['http'] & Pick<RequestOptions, 'consumeBody'>,
) => Promise<IN8nHttpFullResponse>;

/**
 * Downloads a file.
 *
 * @param request its record names a file that comes without a name
 * @param send sends the request with these changes; default: once, through the client
 * @throws RequestError where the PBX returned text or nothing instead of a file
 */
export async function downloadFile(
	helpers: Helpers,
	client: PbxClient,
	request: RequestOptions,
	send: SendFileRequest = async ({ consumeBody, ...http }) =>
		await client.request({ ...request, consumeBody, http: { ...request.http, ...http } }),
): Promise<IBinaryData> {
	const { resource } = request;
	const defaultName = resource ? `${resource.label} ${String(resource.id)}` : 'file';
	const { body, statusCode } = await send({
		encoding: 'stream',
		json: false,
		headers: { Accept: '*/*' },
		consumeBody: async (response) => await extractFile(helpers, response, defaultName),
	});
	const result = body as unknown as DownloadResult;
	if ('file' in result) return result.file;
	throw await client.toRequestError(
		{ kind: 'notAFile', status: statusCode, message: result.errorText },
		request,
	);
}

/**
 * Extracts the file from a response. Its first bytes decide, not its header: servers send messages as
 * `audio/mpeg`. Where n8n stores files outside the items, it is streamed there and never whole in memory.
 */
async function extractFile(
	helpers: Helpers,
	{ body, headers }: IN8nHttpFullResponse,
	defaultName: string,
): Promise<DownloadResult> {
	const stream = body as Stream;
	const { bytes, content } = await firstBytes(stream);
	const [mediaType] = String(headers['content-type'] ?? '').split(';');
	const headerMime = mediaType.trim().toLowerCase();
	const type = typeOfBytes(bytes);
	const isKnown = MEDIA_TYPES.test(headerMime);
	if (!type && (isText(bytes) || !(isKnown || GENERIC_TYPES.test(headerMime)))) {
		stream.destroy();
		return { errorText: parseErrorBody(bytes).message };
	}
	const mime = type ? mimeOf(type) : isKnown ? headerMime : 'application/octet-stream';
	const name = fileName(headers['content-disposition'], defaultName, mime);
	return { file: await helpers.prepareBinaryData(content, name, mime) };
}
