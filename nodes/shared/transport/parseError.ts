import type { ErrorDetails, ErrorKind } from '../errors/requestError';

/** Errors that only occur before a connection. Others, such as EHOSTUNREACH, also break an established one. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND']);
const CONNECTING = new Set(['connect', 'getaddrinfo']);
/** Rejected certificates, by the codes of OpenSSL and Node. */
const TLS_CODE = /^CERT_|^ERR_TLS_|SELF_SIGNED|^UNABLE_TO_/;
/** A response body that breaks off while it is streamed. Before that, the error is an AxiosError. */
const STREAM_CODE = /^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|ETIMEDOUT|EPIPE|Z_.*)$/;
const STREAM_MESSAGE = /^(aborted|Stream closed before|Response body timed out)/i;
/** Thrown by n8n's OAuth2 client when the response is not a token. */
const TOKEN_CODES = new Set(['EAUTH', 'ESTATUS']);

/** The properties that the errors of n8n's HTTP helpers, its OAuth2 client and axios can have. */
interface HttpError {
	message?: string;
	code?: string;
	syscall?: string;
	httpCode?: string | null;
	description?: string | null;
	isAxiosError?: boolean;
	config?: { url?: string };
	response?: { status?: number; headers?: Headers; data?: unknown };
	/** Status and body of a response that is not a token. */
	status?: number;
	body?: unknown;
	cause?: HttpError;
}

type Headers = Record<string, unknown>;

const MAX_CAUSES = 6;

/** An error with its causes: n8n wraps the HTTP client's error, sometimes twice. */
function causeChain(thrown: unknown): HttpError[] {
	const chain: HttpError[] = [];
	let error = thrown as HttpError | undefined;
	while (error && chain.length < MAX_CAUSES) {
		chain.push(error);
		error = error.cause;
	}
	return chain;
}

/** What went wrong with a request, from whatever n8n's HTTP helper threw. Secrets are not redacted yet. */
export async function parseError(thrown: unknown): Promise<ErrorDetails> {
	const chain = causeChain(thrown);
	const tokenError = chain.find(({ code }) => TOKEN_CODES.has(code ?? ''));
	const isTokenRequest =
		!!tokenError || chain.some(({ config }) => config?.url?.endsWith('/oauth/token'));
	const origin = isTokenRequest ? { isTokenRequest } : {};
	if (tokenError) {
		const { message } = parseErrorBody(tokenError.body);
		return {
			kind: 'http',
			status: tokenError.status ?? 400,
			message: message || errorText(tokenError),
			...origin,
		};
	}
	// n8n's OAuth2 client got a response without a token.
	if (chain.some(({ message = '' }) => message.startsWith('Unable to sign'))) {
		return {
			kind: 'http',
			status: 400,
			message: 'The response of the PBX has no token',
			isTokenRequest: true,
		};
	}
	const response = chain.find((error) => error.response?.status)?.response;
	// An error with a success status: the rest of the response never arrived.
	if (response?.status && !isSuccess(response.status)) {
		const { status, headers = {}, data } = response;
		const body = isStream(data) ? await readPrefix(data) : data;
		const { message, code } = parseErrorBody(body, headers['content-type']);
		const { location } = headers;
		return {
			kind: 'http',
			status,
			message,
			code,
			retryAfterMs: parseRetryAfter(headers, code),
			...(typeof location === 'string' && { location }),
			...origin,
		};
	}
	const status = Number(chain.find((error) => error.httpCode)?.httpCode);
	const code = chain.find((error) => error.code)?.code ?? '';
	const message = chain.map(errorText).find(Boolean) ?? 'No response';
	const details = (kind: ErrorKind): ErrorDetails => ({ kind, message, ...origin });
	if (status >= 400) return { ...details('http'), status };
	if (NO_CONNECTION.has(code) || chain.some(({ syscall = '' }) => CONNECTING.has(syscall))) {
		return details('connection');
	}
	if (TLS_CODE.test(code)) return { ...details('tls'), message: code };
	const isInterrupted =
		STREAM_CODE.test(code) ||
		STREAM_MESSAGE.test(message) ||
		chain.some(({ isAxiosError }) => isAxiosError);
	return details(isInterrupted ? 'interrupted' : 'other');
}

/**
 * Milliseconds until the PBX accepts requests again, by its own headers: `Retry-After`, or for an
 * exceeded hourly limit `X-RateLimit-Reset` in seconds (RingMe documentation of request limits). The
 * reset header is part of every response, so it counts only when nothing remains of the hour.
 */
function parseRetryAfter(headers: Headers, code: string | undefined): number | undefined {
	const header = (name: string) => {
		const value = headers[name];
		return value === undefined || value === null || value === '' ? undefined : String(value);
	};
	const after = header('retry-after');
	const wait = after === undefined ? undefined : waitOf(after);
	if (wait !== undefined) return wait;
	const isExceeded = code === 'rate_limit_exceeded' || header('x-ratelimit-remaining') === '0';
	return isExceeded ? waitOf(header('x-ratelimit-reset') ?? '') : undefined;
}

/** No limit of a PBX lasts longer. */
const MAX_WAIT_MS = 24 * 3_600_000;
/** Larger numbers are a time and no duration: in seconds or milliseconds since 1970. */
const FIRST_EPOCH_SECONDS = 1e9;
const FIRST_EPOCH_MS = 1e12;

/** Milliseconds until a time: seconds from now, an HTTP date, or seconds or milliseconds since 1970. */
function waitOf(header: string): number | undefined {
	const number = Number(header.trim() || NaN);
	const date = Number.isNaN(number) ? Date.parse(header) : epochOf(number);
	const wait = date === undefined ? number * 1000 : date - Date.now();
	return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), MAX_WAIT_MS);
}

function epochOf(number: number): number | undefined {
	if (number >= FIRST_EPOCH_MS) return number;
	return number >= FIRST_EPOCH_SECONDS ? number * 1000 : undefined;
}

const isSuccess = (status: number) => status >= 200 && status < 300;

const errorText = ({ message, description }: HttpError) =>
	[message, description].filter(Boolean).join(': ');

/** What is looked at of an error page, in characters. */
const MAX_TEXT_LENGTH = 65_536;

/**
 * Message and code in an error body of any kind: JSON, text, bytes of either, HTML or nothing. Text in another
 * charset than the response says has no message.
 */
export function parseErrorBody(
	body: unknown,
	contentType?: unknown,
): Pick<ErrorDetails, 'message' | 'code'> {
	const data = decode(body, contentType);
	if (typeof data === 'object' && data !== null) {
		const { message, error_description, error, status } = data as Record<string, unknown>;
		const texts = [message, error_description, error].filter((text) => typeof text === 'string');
		const isDocumented = texts.length > 0 || Object.keys(data).length === 0;
		return {
			message: texts.find(Boolean) ?? (isDocumented ? '' : JSON.stringify(data)),
			...(typeof status === 'string' && { code: status }),
		};
	}
	const text = typeof data === 'string' ? data.slice(0, MAX_TEXT_LENGTH) : '';
	const message = text.trimStart().startsWith('<')
		? (contentOf(text, 'title') ?? contentOf(text, 'h1') ?? '')
		: text;
	return { message: message.includes('\ufffd') ? '' : message };
}

/** The text of the first element of a name. Without a regular expression, which would be slow for `<title<title…`. */
function contentOf(html: string, name: string): string | undefined {
	const start = html.toLowerCase().indexOf(`<${name}`);
	const open = start < 0 ? -1 : html.indexOf('>', start);
	if (open < 0) return undefined;
	const end = html.indexOf('<', open);
	return html.slice(open + 1, end < 0 ? undefined : end);
}

const MAX_DECODED_BYTES = 4096;

/** The charset of a content type; UTF-8 for an unknown one. */
function decoderOf(contentType: unknown) {
	const [, charset = 'utf-8'] = /charset\s*=\s*"?([\w-]+)/i.exec(String(contentType)) ?? [];
	try {
		return new TextDecoder(charset);
	} catch {
		return new TextDecoder();
	}
}

function decode(body: unknown, contentType: unknown): unknown {
	// `instanceof Uint8Array` fails for buffers of another realm.
	const isBytes = ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
	const text = isBytes
		? decoderOf(contentType).decode(Buffer.from(body as Uint8Array).subarray(0, MAX_DECODED_BYTES))
		: body;
	if (typeof text !== 'string') return text;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

const isStream = (value: unknown): value is AsyncIterable<Uint8Array> =>
	typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const MAX_PREFIX_BYTES = 65_536;

/** The beginning of an error body that was requested as a stream. */
async function readPrefix(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		for await (const chunk of stream) {
			chunks.push(chunk);
			size += chunk.length;
			if (size >= MAX_PREFIX_BYTES) break;
		}
	} catch {
		// The status alone is enough; what arrived of the message is shown.
	}
	return Buffer.concat(chunks);
}
