import {
	sleep,
	type ICredentialDataDecryptedObject,
	type IExecuteFunctions,
	type IExecuteSingleFunctions,
	type IHookFunctions,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type IN8nHttpFullResponse,
	type IN8nHttpResponse,
} from 'n8n-workflow';

import { readFailure, readWords, type Failure } from './parseError';
import { mayBeDone, waitBeforeRetry } from './retryPolicy';
import { ValidationError } from '../parameters/serialize';

/** Where a request can come from. */
export type Caller =
	| IExecuteFunctions
	| IExecuteSingleFunctions
	| IHookFunctions
	| ILoadOptionsFunctions;

/** A request that ended without a usable answer. */
export class ExchangeFailure extends Error {
	constructor(
		readonly failure: Failure,
		readonly method: string,
		/** An earlier try of it was lost, so what it asked for may have been done by then. */
		readonly afterLoss: boolean,
	) {
		super(failure.message);
	}
}

const API_ROOT = '/api/ver1.0';
const LOCAL = /^http:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/**
 * The address of the PBX, as typed by a person: with or without a slash or the API root at its end.
 *
 * @throws InputProblem for anything but https, which would show the token to everybody on the way
 */
export function pbxOrigin(baseUrl: unknown): string {
	const origin = String(baseUrl ?? '')
		.trim()
		.replace(/\/+$/, '')
		.replace(/\/api\/ver1\.0$/, '');
	if (/^https:\/\/[^/\s?#@]+$/i.test(origin) || LOCAL.test(origin)) return origin;
	throw new ValidationError(
		'The Base URL of the credential cannot be used',
		'It must be the https address of the PBX without a path, for example https://apiproxy.telphin.ru (http only for localhost).',
	);
}

/** Name of the credential type that the Authentication dropdown stands for. */
export const credentialType = (authentication: unknown) =>
	authentication === 'accessToken' ? 'ringMeApi' : 'ringMeOAuth2Api';

export interface PbxRequest extends Omit<IHttpRequestOptions, 'url' | 'method'> {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Encoded path below the API root. */
	path: string;
	/** Sent in the place of the credential's token. */
	authorization?: string;
	/** Ends it before its next try. */
	stop?: AbortSignal;
	/** It was sent before, and the answer was lost. */
	afterLoss?: boolean;
	/** Takes in a body that is a stream, and gives what stands for it; if it breaks off, so does the request. */
	read?: (answer: IN8nHttpFullResponse) => Promise<unknown>;
}

const MOST_HOPS = 5;

/**
 * Sends one request, again where that is safe, and gives the whole answer.
 *
 * @throws ExchangeFailure when the PBX refused it or gave no usable answer
 */
export async function exchange(
	caller: Caller,
	credentials: ICredentialDataDecryptedObject,
	type: string,
	{ path, authorization, stop, afterLoss = false, read, ...options }: PbxRequest,
): Promise<IN8nHttpFullResponse> {
	const { method } = options;
	const cancel = 'getExecutionCancelSignal' in caller && caller.getExecutionCancelSignal();
	const signals = [cancel, stop].filter((signal): signal is AbortSignal => !!signal);
	const baseURL = pbxOrigin(credentials.baseUrl);
	let where: Pick<IHttpRequestOptions, 'url' | 'qs'> = { url: API_ROOT + path, qs: options.qs };
	for (let tries = 1, hops = 0; ; ) {
		if (signals.some(({ aborted }) => aborted)) throw cancelled(method, afterLoss);
		const request: IHttpRequestOptions = {
			arrayFormat: 'repeat',
			...options,
			headers: { ...options.headers, ...(authorization && { Authorization: authorization }) },
			baseURL,
			...where,
			// HTTP clients follow a redirected POST with a GET, and take the token along to subdomains.
			disableFollowRedirect: true,
			...(cancel && { abortSignal: cancel }),
			returnFullResponse: true,
		};
		try {
			const { helpers } = caller;
			const answer = (
				authorization
					? await helpers.httpRequest(request)
					: await helpers.httpRequestWithAuthentication.call(caller, type, request)
			) as IN8nHttpFullResponse;
			if (!read) return answer;
			const taken = await inTime(read(answer), options.timeout, answer.body);
			return { ...answer, body: taken as IN8nHttpResponse };
		} catch (thrown) {
			await readWords(thrown);
			const failure = readFailure(thrown);
			if (cancel && cancel.aborted) {
				const ended = cancelled(method, mayBeDone(new ExchangeFailure(failure, method, afterLoss)));
				throw ended;
			}
			const next =
				method === 'GET' && hops < MOST_HOPS ? redirect(failure, baseURL + where.url) : undefined;
			if (next) {
				where = { url: next };
				hops++;
				continue;
			}
			const wait = waitBeforeRetry(method, failure, tries++);
			if (wait === undefined) {
				const ended = new ExchangeFailure(failure, method, afterLoss);
				throw ended;
			}
			afterLoss ||= mayBeDone(new ExchangeFailure(failure, method, false));
			await pause(wait, signals);
		}
	}
}

/** Where a redirect leads, if it stays at the PBX: another server must get neither token nor trust. */
function redirect({ status = 0, headers: { location } }: Failure, from: string) {
	if (status < 300 || status >= 400 || typeof location !== 'string') return undefined;
	const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
	return to?.origin === new URL(from).origin ? to.pathname + to.search : undefined;
}

/** @param afterLoss whether it was under way then, or an earlier try was lost */
export const cancelled = (method: string, afterLoss = false) =>
	new ExchangeFailure(
		{ kind: 'cancelled', headers: {}, message: 'The execution was canceled' },
		method,
		afterLoss,
	);

/** HTTP clients look at the time only until a stream begins. */
async function inTime<T>(reading: Promise<T>, timeout = 0, body: unknown): Promise<T> {
	if (!timeout) return await reading;
	const read = new AbortController();
	const late = sleep(timeout, read.signal).then(
		() => {
			(body as { destroy?: () => void }).destroy?.();
			throw Object.assign(new Error('The rest did not come in time'), { code: 'ETIMEDOUT' });
		},
		() => reading,
	);
	try {
		return await Promise.race([reading, late]);
	} finally {
		read.abort();
	}
}

/** Ends early when a signal says so, which is looked at before the next try. */
async function pause(milliseconds: number, signals: AbortSignal[]) {
	await sleep(milliseconds, AbortSignal.any(signals)).catch(() => {});
}
