/**
 * What went wrong with a request, read once from whatever n8n's HTTP helper throws, without the
 * request in it: that holds the token.
 */
export interface Failure {
	/**
	 * answered: the PBX said no. refused: the connection was never made, so nothing was done.
	 * lost: no answer arrived, and whether it was done is unknown. cancelled: the user stopped before
	 * it was sent. unreadable: the answer makes no sense. noFile: it is words where a file belongs.
	 */
	kind: 'answered' | 'refused' | 'lost' | 'cancelled' | 'unreadable' | 'noFile' | 'other';
	status?: number;
	headers: Record<string, unknown>;
	/** The PBX's own words. */
	message: string;
	/** The machine word beside the message, for example `app_access_type_deny`. */
	word?: string;
}

const REFUSED = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND']);
const LOST = new Set([
	'ABORT_ERR',
	'ECONNRESET',
	'ERR_CANCELED',
	'EPIPE',
	'ETIMEDOUT',
	'ECONNABORTED',
	'ERR_BAD_RESPONSE',
	'ERR_NETWORK',
	'UND_ERR_SOCKET',
]);

interface HttpError {
	message?: string;
	code?: string;
	name?: string;
	httpCode?: string | null;
	description?: string | null;
	response?: { status?: number; headers?: Record<string, unknown>; data?: unknown };
	cause?: HttpError;
}

/** Reads a thrown value; n8n wraps the HTTP client's error as `cause`, sometimes twice. */
export function readFailure(thrown: unknown): Failure {
	const chain: HttpError[] = [];
	for (let each = thrown as HttpError | undefined; each && chain.length < 5; each = each.cause) {
		chain.push(each);
	}
	const response = chain.find((each) => each.response?.status)?.response;
	if (response?.status) {
		return {
			kind: 'answered',
			status: response.status,
			headers: response.headers ?? {},
			...words(response.data),
		};
	}
	const status = Number(chain.find((each) => each.httpCode)?.httpCode);
	const code = chain.find((each) => each.code)?.code ?? '';
	const message = chain.map((each) => each.message).find(Boolean) ?? 'No answer';
	const of = (kind: Failure['kind']): Failure => ({ kind, headers: {}, message });
	if (status >= 400) return { ...of('answered'), status };
	if (REFUSED.has(code)) return of('refused');
	if (LOST.has(code) || /socket hang up|aborted|timeout/i.test(message)) return of('lost');
	return of('other');
}

/** The PBX's words in an answer of any kind: JSON, text, bytes of either, HTML or nothing. */
export function words(body: unknown): Pick<Failure, 'message' | 'word'> {
	const data = parse(body);
	if (typeof data === 'object' && data !== null) {
		const {
			message,
			error_description: description,
			error,
			status,
		} = data as Record<string, unknown>;
		const said = [message, description, error].find((each) => typeof each === 'string' && each);
		return {
			message: typeof said === 'string' ? clip(said) : '',
			...(typeof status === 'string' && { word: status }),
		};
	}
	const plain = typeof data === 'string' ? data : '';
	if (!/^\s*</.test(plain)) return { message: clip(plain) };
	const title = /<title[^>]*>([^<]*)/i.exec(plain)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(plain)?.[1];
	return { message: title ? clip(title) : '' };
}

function parse(body: unknown): unknown {
	// Typed arrays, and their JSON form, in whichever realm they were made.
	const bytes = ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
	const plain = bytes ? Buffer.from(body as Uint8Array).toString('utf8', 0, 4096) : body;
	if (typeof plain !== 'string') return plain;
	try {
		return JSON.parse(plain);
	} catch {
		return plain;
	}
}

const clip = (plain: string) => {
	const line = plain.replace(/\s+/g, ' ').trim();
	return line.length > 300 ? `${line.slice(0, 297)}...` : line;
};

const MOST_WORDS = 65_536;

/**
 * Reads a refusal that came as a stream, so that its words can be told. What is not a stream stays
 * as it is.
 */
export async function readWords(thrown: unknown): Promise<void> {
	let each = thrown as HttpError | undefined;
	for (let depth = 0; each && depth < 5; depth++, each = each.cause) {
		const { response } = each;
		if (response && isStream(response.data)) response.data = await beginning(response.data);
	}
}

const isStream = (value: unknown): value is AsyncIterable<Uint8Array> =>
	typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

async function beginning(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		for await (const chunk of stream) {
			chunks.push(chunk);
			size += chunk.length;
			if (size >= MOST_WORDS) break;
		}
	} catch {
		// The words that came are told; the refusal stands either way.
	}
	return Buffer.concat(chunks);
}
