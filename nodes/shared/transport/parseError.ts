import type { ErrorDetails, ErrorKind } from '../errors/requestError';

const NO_CONNECTION = new Set([
	'ECONNREFUSED',
	'EAI_AGAIN',
	'ENETUNREACH',
	'EHOSTUNREACH',
	'ENOTFOUND',
]);
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
	const response = chain.find((error) => error.response?.status)?.response;
	// An error with a success status: the rest of the response never arrived.
	if (response?.status && !isSuccess(response.status)) {
		const { status, headers = {}, data } = response;
		const body = isStream(data) ? await readPrefix(data) : data;
		const { message, code } = parseErrorBody(body);
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
	if (NO_CONNECTION.has(code) || chain.some(({ syscall }) => syscall === 'connect')) {
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
	if (after !== undefined) {
		const seconds = Number(after);
		if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
		const date = Date.parse(after);
		if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
	}
	const isExceeded = code === 'rate_limit_exceeded' || header('x-ratelimit-remaining') === '0';
	const reset = Number(header('x-ratelimit-reset') ?? NaN);
	return isExceeded && Number.isFinite(reset) ? Math.max(0, reset * 1000) : undefined;
}

const isSuccess = (status: number) => status >= 200 && status < 300;

const errorText = ({ message, description }: HttpError) =>
	[message, description].filter(Boolean).join(': ');

/** Message and code in an error body of any kind: JSON, text, bytes of either, HTML or nothing. */
export function parseErrorBody(body: unknown): Pick<ErrorDetails, 'message' | 'code'> {
	const data = decode(body);
	if (typeof data === 'object' && data !== null) {
		const { message, error_description, error, status } = data as Record<string, unknown>;
		const texts = [message, error_description, error].filter((text) => typeof text === 'string');
		const isDocumented = texts.length > 0 || Object.keys(data).length === 0;
		return {
			message: texts.find(Boolean) ?? (isDocumented ? '' : JSON.stringify(data)),
			...(typeof status === 'string' && { code: status }),
		};
	}
	const text = typeof data === 'string' ? data : '';
	if (!/^\s*</.test(text)) return { message: text };
	const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(text)?.[1];
	return { message: title ?? '' };
}

const MAX_DECODED_BYTES = 4096;

function decode(body: unknown): unknown {
	// `instanceof Uint8Array` fails for buffers of another realm.
	const isBytes = ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
	const text = isBytes
		? Buffer.from(body as Uint8Array).toString('utf8', 0, MAX_DECODED_BYTES)
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
