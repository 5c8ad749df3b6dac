import {
	NodeApiError,
	NodeOperationError,
	type ICredentialDataDecryptedObject,
	type INode,
	type JsonObject,
} from 'n8n-workflow';

import { ExchangeFailure } from './exchange';
import type { Failure } from './failure';
import { mayBeDone, waitToldByPbx } from './retry';
import { InputProblem } from './values';

/** What the message may need to know about the request that failed. */
export interface About {
	node: INode;
	itemIndex: number;
	/** What was asked for, for a 404: `extension 85219`. */
	target?: string;
	/** Its id alone. */
	id?: unknown;
	/** Values that must never be read anywhere: passwords and tokens. */
	secrets?: string[];
	/** Sent with a user's login and password, not with the token. */
	basicAuth?: boolean;
	/** What was done before it failed, and stays done. */
	done?: string;
	/** What became of the other items. */
	rest?: string;
}

/** Meaning of the PBX's machine words (RingMe documentation of error codes). */
const ADVICE: Record<string, string> = {
	access_denied:
		'The user behind the credential has no right to this. Ask the administrator of the PBX.',
	user_blocked: 'The user behind the credential, or its client, is blocked on the PBX.',
	user_access_type_deny:
		'The user behind the credential may only read. Use a user with full access.',
	app_access_type_deny:
		'The application is registered for Call API only. An administrator of the PBX can register it with the access level All.',
	client_not_found:
		'The PBX knows no such client. Check PBX Client in the credential and in the options of the node; @me is the client of the logged-in user.',
};

/**
 * An error a person can act on: what happened in the PBX's words, for which item, and what to do.
 * It carries neither the request nor the raw answer.
 */
export function explain(thrown: unknown, about: About): NodeApiError | NodeOperationError {
	const { node, itemIndex } = about;
	if (thrown instanceof NodeApiError || thrown instanceof NodeOperationError) return thrown;
	if (!(thrown instanceof ExchangeFailure)) {
		const message = thrown instanceof Error ? thrown.message : 'Something unexpected happened';
		const advice = thrown instanceof InputProblem ? thrown.advice : undefined;
		return new NodeOperationError(node, hide(message, about), {
			itemIndex,
			description: join(advice, about.done, about.rest),
		});
	}
	const [wordy, advice] = wording(thrown, about);
	const message = hide(wordy, about);
	const { failure } = thrown;
	const error = new NodeApiError(node, { message } as JsonObject, {
		message,
		description: hide(join(advice, quote(failure, wordy), about.done, about.rest) ?? '', about),
		...(failure.status && { httpCode: String(failure.status) }),
		itemIndex,
		level: 'warning',
	});
	return error;
}

function wording({ failure, method }: ExchangeFailure, about: About): [string, string | undefined] {
	const { status, kind } = failure;
	if (kind === 'cancelled') return ['The execution was cancelled', undefined];
	if (mayBeDone(method, failure) && method === 'POST') {
		return [
			'The PBX gave no usable answer, so it is unknown whether it did what was asked',
			'It was not sent again, because that could do it twice. Look in the PBX before you repeat it.',
		];
	}
	if (kind === 'refused') {
		return [
			'The PBX cannot be reached',
			'Check the Base URL of the credential, or try again later.',
		];
	}
	if (kind === 'lost' || kind === 'other') {
		return [
			'The PBX gave no answer',
			'It was tried several times where that is safe. Try again later.',
		];
	}
	if (kind === 'unreadable') {
		return [
			'The PBX answered with something that is not its API',
			'Check the Base URL of the credential.',
		];
	}
	if (kind === 'noFile') {
		return [
			'The PBX gave no file',
			`It answered with ${failure.message ? 'text' : 'nothing'} instead. Check the ID, and that the file is ready: a recording may take some minutes after its call.`,
		];
	}
	const advice = ADVICE[failure.word ?? ''];
	switch (status) {
		case 401:
			if (about.basicAuth) {
				return [
					'The PBX does not accept the login and password',
					'Open the credential: check PBX Login and PBX Password.',
				];
			}
			return [
				'The PBX does not accept the token',
				'Open the credential: check the application ID and secret, or take a new access token.',
			];
		case 403:
			return ['The PBX does not allow this', advice];
		case 404:
			if (advice) return [failure.message || 'The PBX does not find it', advice];
			return [
				about.target ? `The PBX has no ${about.target}` : 'The PBX does not find it',
				'Check the ID; it may have been deleted.',
			];
		case 429:
			return limitWording(failure);
	}
	return [
		failure.message
			? `The PBX refused: ${failure.message}`
			: `The PBX answered with status ${status}`,
		(status ?? 0) >= 500 ? 'The PBX has a problem. Try again later.' : advice,
	];
}

function limitWording(failure: Failure): [string, string] {
	const wait = waitToldByPbx(failure);
	if (wait === undefined) {
		return ['The PBX is busy with another request of this kind', 'Try again in a minute.'];
	}
	const minutes = Math.ceil(wait / 60_000);
	const time = new Date(Date.now() + wait).toISOString().slice(11, 19);
	return [
		'The hourly request limit of the PBX is used up',
		`It is shared by all programs of this PBX client. Requests work again at ${time} UTC, in ${minutes} minute${minutes === 1 ? '' : 's'}.`,
	];
}

const quote = ({ message, status }: Failure, said: string) =>
	status && message && !said.includes(message) ? `The PBX says: ${message}` : undefined;

const join = (...parts: Array<string | undefined>) => parts.filter(Boolean).join(' ') || undefined;

/** A very short secret counts only as a word of its own, or it would hide half the message. */
const hide = (words: string, { secrets = [] }: About) =>
	secrets.reduce((clean, secret) => {
		if (secret.length >= 6) return clean.split(secret).join('***');
		return clean.replace(/[\w.-]+/g, (word) => (word === secret ? '***' : word));
	}, words);

/** The values of a credential that must not appear anywhere. */
export function secretsOf(credentials: ICredentialDataDecryptedObject): string[] {
	const token = credentials.oauthTokenData as
		| { access_token?: string; refresh_token?: string }
		| undefined;
	return [
		credentials.accessToken,
		credentials.clientSecret,
		credentials.pbxPassword,
		token?.access_token,
		token?.refresh_token,
	].filter((value): value is string => typeof value === 'string' && value.length > 0);
}
