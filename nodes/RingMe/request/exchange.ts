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

import { readFailure, readWords, type Failure } from './failure';
import { waitBeforeRetry } from './retry';
import { InputProblem } from './values';

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
		/** An earlier try of it was lost, so what it asked may have been done by then. */
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
	throw new InputProblem(
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
	/** Takes in a body that is a stream, and gives what stands for it; if it breaks off, so does the request. */
	read?: (answer: IN8nHttpFullResponse) => Promise<unknown>;
}

/**
 * Sends one request, again where that is safe, and gives the whole answer.
 *
 * @throws ExchangeFailure when the PBX refused it or gave no usable answer
 */
export async function exchange(
	caller: Caller,
	credentials: ICredentialDataDecryptedObject,
	type: string,
	{ path, authorization, read, ...options }: PbxRequest,
): Promise<IN8nHttpFullResponse> {
	const signal =
		'getExecutionCancelSignal' in caller ? caller.getExecutionCancelSignal() : undefined;
	const baseURL = pbxOrigin(credentials.baseUrl);
	let afterLoss = false;
	for (let tries = 1; ; tries++) {
		if (signal?.aborted) throw cancelled(options.method, afterLoss);
		const request: IHttpRequestOptions = {
			arrayFormat: 'repeat',
			sendCredentialsOnCrossOriginRedirect: false,
			// HTTP clients follow a redirected POST with a GET, or send it twice.
			disableFollowRedirect: options.method !== 'GET',
			...options,
			headers: { ...options.headers, ...(authorization && { Authorization: authorization }) },
			baseURL,
			url: API_ROOT + path,
			abortSignal: signal,
			returnFullResponse: true,
		};
		try {
			const { helpers } = caller;
			const answer = (
				authorization
					? await helpers.httpRequest(request)
					: await helpers.httpRequestWithAuthentication.call(caller, type, request)
			) as IN8nHttpFullResponse;
			return read ? { ...answer, body: (await read(answer)) as IN8nHttpResponse } : answer;
		} catch (thrown) {
			await readWords(thrown);
			const failure = readFailure(thrown);
			const wait = waitBeforeRetry(options.method, failure, tries);
			if (wait === undefined) {
				const ended = new ExchangeFailure(failure, options.method, afterLoss);
				throw ended;
			}
			afterLoss ||= failure.kind !== 'refused' && failure.status !== 429;
			await pause(wait, signal);
		}
	}
}

/** Before it was sent; one that is cancelled under way counts as lost. */
const cancelled = (method: string, afterLoss: boolean) =>
	new ExchangeFailure(
		{ kind: 'cancelled', headers: {}, message: 'The execution was cancelled' },
		method,
		afterLoss,
	);

async function pause(milliseconds: number, signal?: AbortSignal) {
	if (!signal) return await sleep(milliseconds);
	return await Promise.race([
		sleep(milliseconds),
		new Promise<void>((wake) => signal.addEventListener('abort', () => wake(), { once: true })),
	]);
}
