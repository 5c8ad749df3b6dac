import type {
	IBinaryData,
	IExecuteSingleFunctions,
	IN8nHttpFullResponse,
	INodeExecutionData,
} from 'n8n-workflow';

import { ExchangeFailure, type PbxRequest } from '../../shared/transport/sendRequest';
import type { About } from '../../shared/errors/toNodeError';
import { words } from '../../shared/transport/parseError';
import { fileName } from './fileName';
import { mimeOf, typeOfBytes } from './fileType';

type Helpers = IExecuteSingleFunctions['helpers'];
/** A stream, without Node's own types. */
type Stream = Exclude<Parameters<Helpers['prepareBinaryData']>[0], Buffer>;

/** Types that say enough to hand the bytes on without a look at them. */
const FILES = /^(audio|image|video)\/|^application\/(pdf|ogg|zip)$/;
/** Types that servers give to bytes they know nothing of. */
const ANYTHING = /^$|^(application|binary)\/(x-)?(octet-stream|binary|download|force-download)$/;

/** A file as n8n keeps it, or what the PBX said in its place. */
type Taken = { file: IBinaryData } | { said: string };

/**
 * Downloads a file into a binary field of the output item. Its JSON holds what there is to know of
 * the file: `id`, `fileName`, `mimeType` and `size` in bytes.
 *
 * @param about its `target` names a file that comes without a name
 * @param ask sends the request with these settings
 * @throws ExchangeFailure where words came in the place of a file
 */
export async function download(
	context: IExecuteSingleFunctions,
	about: About,
	ask: (settings: Partial<PbxRequest>) => Promise<IN8nHttpFullResponse>,
): Promise<INodeExecutionData> {
	const { target = 'file', id } = about;
	const answer = await ask({
		encoding: 'stream',
		json: false,
		headers: { Accept: '*/*' },
		read: async (from) => await fileIn(context.helpers, from, target),
	});
	const taken = answer.body as unknown as Taken;
	if ('said' in taken) {
		const { statusCode: status, headers } = answer;
		throw new ExchangeFailure(
			{ kind: 'noFile', status, headers, message: taken.said },
			'GET',
			false,
		);
	}
	const { fileName, mimeType, bytes } = taken.file;
	return {
		json: { id: id as string | number, fileName, mimeType, ...(bytes && { size: bytes }) },
		binary: { [context.getNodeParameter('binaryPropertyName', 'data') as string]: taken.file },
		pairedItem: { item: context.getItemIndex() },
	};
}

/**
 * Takes the file out of an answer. Where n8n keeps files outside the items, it flows there without
 * ever being whole in memory.
 */
async function fileIn(
	helpers: Helpers,
	{ body, headers }: IN8nHttpFullResponse,
	what: string,
): Promise<Taken> {
	const [type] = String(headers['content-type'] ?? '').split(';');
	const mime = type.trim().toLowerCase();
	const named = (as: string) => fileName(headers['content-disposition'], what, as);
	if (FILES.test(mime)) {
		const file = await helpers.prepareBinaryData(body as Stream, named(mime), mime);
		return isEmpty(file) ? { said: '' } : { file };
	}
	const bytes = await helpers.binaryToBuffer(body as Stream);
	const known = typeOfBytes(bytes);
	const isText = /^\s*[{[<]/.test(bytes.toString('latin1', 0, 100));
	if (!known && (!bytes.length || isText || !ANYTHING.test(mime))) {
		return { said: words(bytes).message };
	}
	const as = known ? mimeOf(known) : 'application/octet-stream';
	return { file: await helpers.prepareBinaryData(bytes, named(as), as) };
}

const isEmpty = ({ bytes, fileSize }: IBinaryData) =>
	bytes === undefined ? /^0 /.test(fileSize ?? '') : bytes === 0;
