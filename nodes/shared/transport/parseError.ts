/**
 * What went wrong with a request, read once from whatever n8n's HTTP helper throws, without the
 * request in it: that holds the token.
 */
export interface Failure {
	/**
	 * answered: the PBX said no. refused: the connection was never made, so nothing was done.
	 * insecure: not made either, because the PBX cannot prove who it is. lost: no whole answer arrived,
	 * and whether it was done is unknown. cancelled: it was not sent, because the user or another item
	 * stopped it. unreadable: the answer makes no sense. noFile: it is words where a file belongs.
	 * other: n8n did not send it.
	 */
	kind:
		| 'answered'
		| 'refused'
		| 'insecure'
		| 'lost'
		| 'cancelled'
		| 'unreadable'
		| 'noFile'
		| 'other';
	/** It was the request for a token that failed, so what was asked for was not done. */
	token?: boolean;
	status?: number;
	headers: Record<string, unknown>;
	/** The PBX's own words, as they came: not yet safe to show. */
	message: string;
	/** The machine word beside the message, for example `app_access_type_deny`. */
	word?: string;
}

const REFUSED = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND']);
/** Certificates that are refused, by the names of OpenSSL and Node. */
const INSECURE = /^CERT_|^ERR_TLS_|SELF_SIGNED|^UNABLE_TO_/;
/** A file that breaks off while it flows, also in n8n's words; what breaks before is an AxiosError. */
const BROKEN = /^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|ETIMEDOUT|EPIPE|Z_.*)$/;
const BROKEN_OFF = /^(aborted|Stream closed before|Response body timed out)/i;
/** What n8n's OAuth2 client throws where the answer is not a token. */
const NO_TOKEN = new Set(['EAUTH', 'ESTATUS']);

interface HttpError {
	message?: string;
	code?: string;
	syscall?: string;
	httpCode?: string | null;
	description?: string | null;
	isAxiosError?: boolean;
	config?: { url?: string };
	response?: { status?: number; headers?: Record<string, unknown>; data?: unknown };
	/** Status and body of an answer that is not a token. */
	status?: number;
	body?: unknown;
	cause?: HttpError;
}

/** Reads a thrown value; n8n wraps the HTTP client's error as `cause`, sometimes twice. */
export function readFailure(thrown: unknown): Failure {
	const chain: HttpError[] = [];
	for (let each = thrown as HttpError | undefined; each && chain.length < 6; each = each.cause) {
		chain.push(each);
	}
	const refusal = chain.find(({ code }) => NO_TOKEN.has(code ?? ''));
	const token = !!refusal || chain.some(({ config }) => config?.url?.endsWith('/oauth/token'));
	const own = token ? { token } : {};
	if (refusal) {
		const { message } = words(refusal.body);
		const status = refusal.status ?? 400;
		return { kind: 'answered', status, headers: {}, message: message || said(refusal), ...own };
	}
	const response = chain.find((each) => each.response?.status)?.response;
	// A good status with an error: the rest of the answer never came.
	if (response?.status && !isGood(response.status)) {
		const { status, headers = {}, data } = response;
		return { kind: 'answered', status, headers, ...words(data), ...own };
	}
	const status = Number(chain.find((each) => each.httpCode)?.httpCode);
	const code = chain.find((each) => each.code)?.code ?? '';
	const message = chain.map(said).find(Boolean) ?? 'No answer';
	const of = (kind: Failure['kind']): Failure => ({ kind, headers: {}, message, ...own });
	if (status >= 400) return { ...of('answered'), status };
	if (REFUSED.has(code) || chain.some(({ syscall }) => syscall === 'connect')) return of('refused');
	if (INSECURE.test(code)) return { ...of('insecure'), message: code };
	const isBroken = BROKEN.test(code) || BROKEN_OFF.test(message);
	return of(isBroken || chain.some(({ isAxiosError }) => isAxiosError) ? 'lost' : 'other');
}

const isGood = (status: number) => status >= 200 && status < 300;

const said = ({ message, description }: HttpError) =>
	[message, description].filter(Boolean).join(': ');

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
		const told = [message, description, error].filter((each) => typeof each === 'string');
		const isKnown = told.length > 0 || Object.keys(data).length === 0;
		return {
			message: told.find(Boolean) ?? (isKnown ? '' : JSON.stringify(data)),
			...(typeof status === 'string' && { word: status }),
		};
	}
	const plain = typeof data === 'string' ? data : '';
	if (!/^\s*</.test(plain)) return { message: plain };
	const title = /<title[^>]*>([^<]*)/i.exec(plain)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(plain)?.[1];
	return { message: title ?? '' };
}

function parse(body: unknown): unknown {
	// In whichever realm they were made.
	const bytes = ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
	const plain = bytes ? Buffer.from(body as Uint8Array).toString('utf8', 0, 4096) : body;
	if (typeof plain !== 'string') return plain;
	try {
		return JSON.parse(plain);
	} catch {
		return plain;
	}
}

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
