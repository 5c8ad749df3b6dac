import type { BinaryHelperFunctions, IBinaryData, IN8nHttpFullResponse } from 'n8n-workflow';

import type { PbxClient, RequestOptions } from '../transport/client';
import { parseErrorBody } from '../transport/parseError';
import { fileName } from './fileName';
import { mimeOf, typeOfBytes } from './fileType';

type Helpers = Pick<BinaryHelperFunctions, 'prepareBinaryData' | 'binaryToBuffer'>;
/** A stream, without Node's own types. */
type Stream = Exclude<Parameters<Helpers['prepareBinaryData']>[0], Buffer>;

/** Media types that identify a file, so that its bytes need not be inspected. */
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
	// Some servers give an error page the type of the file.
	const first = MEDIA_TYPES.test(mime) ? await firstBytes(body as unknown as Peekable) : undefined;
	if (first && (typeOfBytes(first) || !isText(first))) {
		const file = await helpers.prepareBinaryData(body as Stream, nameFor(mime), mime);
		return isEmpty(file) ? { errorText: '' } : { file };
	}
	const bytes = await helpers.binaryToBuffer(body as Stream);
	const type = typeOfBytes(bytes);
	if (!type && (!bytes.length || isText(bytes) || !GENERIC_TYPES.test(mime))) {
		return { errorText: parseErrorBody(bytes).message };
	}
	const fileMime = type ? mimeOf(type) : 'application/octet-stream';
	return { file: await helpers.prepareBinaryData(bytes, nameFor(fileMime), fileMime) };
}

/** JSON or HTML. */
const isText = (bytes: Buffer) => /^\s*[{[<]/.test(bytes.toString('latin1', 0, 100));

/** A readable stream, without Node's own types. */
interface Peekable {
	once(event: 'readable' | 'end' | 'error', listener: (error?: Error) => void): unknown;
	read(): Buffer | null;
	unshift(chunk: Buffer): void;
}

/** The first bytes of a stream, which keeps them; none at its end. */
async function firstBytes(stream: Peekable): Promise<Buffer> {
	await new Promise<void>((resolve, reject) => {
		stream.once('readable', () => resolve());
		stream.once('end', () => resolve());
		stream.once('error', reject);
	});
	const chunk = stream.read();
	if (chunk) stream.unshift(chunk);
	return chunk ?? Buffer.alloc(0);
}

const isEmpty = ({ bytes, fileSize }: IBinaryData) =>
	bytes === undefined ? /^0 /.test(fileSize ?? '') : bytes === 0;
