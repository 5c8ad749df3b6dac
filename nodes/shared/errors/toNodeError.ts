import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
	type INodeParameters,
	type JsonObject,
} from 'n8n-workflow';

import { ExchangeFailure } from '../transport/sendRequest';
import type { Failure } from '../transport/parseError';
import { mayBeDone, waitToldByPbx } from '../transport/retryPolicy';
import { hide, masked, secretsOf } from '../transport/redact';
import { ValidationError } from '../parameters/serialize';

export { secretsOf };

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
	/** Changes nothing, so nothing need be told of the other items. */
	reads?: boolean;
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
	const { itemIndex, secrets } = about;
	if (thrown instanceof NodeApiError || thrown instanceof NodeOperationError) return thrown;
	// n8n writes the whole error into its log, and with it what was typed into the node.
	const [parameters] = masked([about.node.parameters as IDataObject], secrets);
	const node = { ...about.node, parameters: parameters as INodeParameters };
	if (!(thrown instanceof ExchangeFailure)) {
		const message = thrown instanceof Error ? thrown.message : 'Something unexpected happened';
		const advice = thrown instanceof ValidationError ? thrown.description : undefined;
		const told = tell(node, hide(message, secrets), join(advice, about.done, about.rest));
		return new NodeOperationError(node, told.message, { itemIndex, ...told });
	}
	// Secrets first: cut in two they would not be found.
	const failure = { ...thrown.failure, message: clip(hide(thrown.failure.message, secrets)) };
	const [message, advice] = wording(thrown, failure, about).map((text) => hide(text, secrets));
	const { status } = failure;
	const description = join(
		advice,
		quote(failure, message),
		status && `HTTP status ${status}.`,
		about.done,
		about.rest,
	);
	const told = tell(node, message, description);
	const error = new NodeApiError(node, { message } as JsonObject, {
		...told,
		...(status && { httpCode: String(status) }),
		itemIndex,
		level: 'warning',
	});
	return error;
}

/** n8n gives an agent's model the message alone, so as a tool the node says everything in it. */
function tell({ type }: INode, message: string, description: string | undefined) {
	if (!description || !type.endsWith('Tool')) return { message, description };
	return { message: `${message}${/[.!?]$/.test(message) ? '' : '.'} ${description}` };
}

/** What happened, and what to do. */
type Wording = [string, string];

function wording(thrown: ExchangeFailure, failure: Failure, about: About): Wording {
	const { status = 0, kind, token, message } = failure;
	const { method } = thrown;
	if (kind === 'cancelled') {
		// By this word n8n knows a canceled execution from a failed one.
		const under = mayBeDone(thrown) ? ' under way: it is unknown whether the PBX did it' : '';
		return [`The execution was canceled${under}`, ''];
	}
	if (mayBeDone(thrown)) return uncertain(method);
	if (kind === 'other') return [message, ''];
	if (kind === 'refused') {
		return [
			'The PBX cannot be reached',
			'Check the Base URL of the credential, or try again later.',
		];
	}
	if (kind === 'insecure') {
		return [
			'The PBX cannot prove that it is the one at this address',
			`Its certificate is not accepted (${message}). Check the Base URL of the credential.`,
		];
	}
	if (kind === 'lost') {
		return [
			'The PBX gave no answer',
			'It was tried several times where that is safe. Try again later.',
		];
	}
	if (kind === 'unreadable') {
		return [
			'The PBX answered with something that is not its API',
			`${message}. Check the Base URL of the credential.`,
		];
	}
	if (token) return tokenWording(failure);
	if (kind === 'noFile') {
		return [
			'The PBX gave no file',
			`It answered with ${failure.message ? 'text' : 'nothing'} instead. Check the ID, and that the file is ready: a recording may take some minutes after its call.`,
		];
	}
	const advice = ADVICE[failure.word ?? ''] ?? '';
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
			if (advice) return [message || 'The PBX does not find it', advice];
			return [
				about.target ? `The PBX has no ${about.target}` : 'The PBX does not find it',
				'Check the ID; it may have been deleted.',
			];
		case 429:
			return limitWording(failure);
	}
	if (status >= 300 && status < 400) {
		return [
			'The PBX sends the request to another address',
			`It was not followed: another server must not get the token. ${whereTo(failure)}Check the Base URL of the credential.`,
		];
	}
	if (status >= 500) {
		return [
			message ? `The PBX failed: ${message}` : `The PBX failed with status ${status}`,
			'The PBX has a problem. Try again later.',
		];
	}
	return [
		message ? `The PBX refused: ${message}` : `The PBX refused with status ${status}`,
		advice,
	];
}

const uncertain = (method: string): Wording => [
	'The PBX gave no usable answer, so it is unknown whether it did what was asked',
	method === 'POST'
		? 'It was not sent again, because that could do it twice. Look in the PBX before you repeat it.'
		: 'To repeat it is safe: doing it twice changes nothing more.',
];

const tokenWording = ({ status = 0, message }: Failure): Wording => [
	`The PBX gave no token${message ? `: ${message}` : ''}`,
	status < 500
		? 'Open the credential: check the application ID and secret and the Base URL.'
		: 'Nothing else was sent. Try again later.',
];

function whereTo({ headers: { location } }: Failure) {
	const to = typeof location === 'string' && URL.canParse(location) && new URL(location);
	return to ? `That address is at ${to.origin}. ` : '';
}

function limitWording(failure: Failure): Wording {
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
	status && message && !said.includes(message)
		? `The PBX says: ${message}${/[.!?]$/.test(message) ? '' : '.'}`
		: undefined;

const join = (...parts: Array<string | number | undefined>) =>
	parts.filter(Boolean).join(' ') || undefined;

const clip = (plain: string) => {
	const line = plain.replace(/\s+/g, ' ').trim();
	return line.length > 300 ? `${line.slice(0, 297)}...` : line;
};
