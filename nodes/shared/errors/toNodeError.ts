import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';

import { isRepeatable, RequestError, type ErrorDetails, type ErrorKind } from './requestError';
import { IncompleteError } from './incompleteError';
import type { ItemsByOutcome } from './outcome';
import { ValidationError } from './validationError';

/** Where an error happened, and what is known about the other items. */
export interface ErrorContext {
	node: INode;
	itemIndex: number;
	/** The sentence that a person needs first. */
	headline?: string;
	/** What happened to the other items, in words. */
	otherItems?: string;
	/** What happened to all items, as data; becomes `context.items` of the error. */
	items?: ItemsByOutcome;
}

/** What happened, and what to do. */
type ErrorText = [message: string, description: string];

/** Message of every error whose request may have been executed. */
export const OUTCOME_UNKNOWN =
	'The PBX gave no usable response, so it is unknown whether the request was executed';

/**
 * Converts a failure into the error that n8n shows: what happened, in the PBX's words, and what to
 * do. It contains neither the request nor the raw response.
 */
export function toNodeError(
	error: unknown,
	{ node, itemIndex, headline, otherItems, items }: ErrorContext,
): NodeApiError | NodeOperationError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;
	if (error instanceof IncompleteError) {
		return toNodeError(error.cause, {
			node,
			itemIndex,
			headline: error.headline ?? headline,
			otherItems: sentences(error.progress, otherItems),
			items: error.items ?? items,
		});
	}
	const safeNode = withoutInputs(node);
	if (!(error instanceof RequestError)) {
		const message = error instanceof Error ? error.message : 'Something unexpected happened';
		const description = error instanceof ValidationError ? error.description : undefined;
		const text = messageForTool(node, message, sentences(headline, description, otherItems));
		const nodeError = new NodeOperationError(safeNode, text.message, { itemIndex, ...text });
		return withItems(nodeError, items);
	}
	const { status } = error.details;
	const [message, description] = describeError(error);
	const text = messageForTool(
		node,
		message,
		sentences(
			headline,
			description,
			quoteResponse(error.details, message),
			status && `HTTP status ${status}.`,
			otherItems,
		),
	);
	const nodeError = new NodeApiError(safeNode, { message } as JsonObject, {
		...text,
		...(status && { httpCode: String(status) }),
		itemIndex,
		level: 'warning',
	});
	return withItems(nodeError, items);
}

/** n8n logs the whole error with its node, whose parameters can contain passwords. */
function withoutInputs(node: INode): INode {
	const { resource, operation } = node.parameters;
	return {
		...node,
		parameters: { ...(resource && { resource }), ...(operation && { operation }) },
	};
}

function withItems<E extends NodeApiError | NodeOperationError>(
	error: E,
	items: ItemsByOutcome | undefined,
): E {
	if (items) error.context.items = items;
	return error;
}

/** As a tool of an AI agent, the message contains the description: n8n shows the model nothing else. */
function messageForTool({ type }: INode, message: string, description: string | undefined) {
	if (!description || !type.endsWith('Tool')) return { message, description };
	return { message: `${asSentence(message)} ${description}` };
}

function describeError(error: RequestError): ErrorText {
	const { details, outcome } = error;
	const { kind, isTokenRequest } = details;
	if (kind === 'canceled') return [canceledMessage(outcome), ''];
	if (outcome === 'unknown') return unknownOutcomeText(error);
	const describeKind = TEXT_BY_KIND[kind];
	if (describeKind) return describeKind(details);
	if (isTokenRequest) return tokenText(details);
	return describeStatus(error);
}

/** n8n recognizes a canceled execution by the word "canceled". */
const canceledMessage = (outcome: RequestError['outcome']) =>
	outcome === 'unknown'
		? 'The execution was canceled while a request was in progress: it is unknown whether the PBX executed it'
		: 'The execution was canceled';

const unknownOutcomeText = ({ details, request }: RequestError): ErrorText => [
	isRedirect(details) ? `${REDIRECTED}, so it is unknown whether it was executed` : OUTCOME_UNKNOWN,
	(isRedirect(details) ? `${redirectHint(details)} ` : '') +
		(isRepeatable(request)
			? 'It is safe to repeat it: executing it twice changes nothing more.'
			: 'It was not sent again, because that could execute it twice. Check the PBX before you repeat it.'),
];

const TEXT_BY_KIND: Partial<Record<ErrorKind, (details: ErrorDetails) => ErrorText>> = {
	other: ({ message }) => [message, ''],
	connection: () => [
		'The PBX cannot be reached',
		"Check the 'Base URL' of the credential, or try again later.",
	],
	tls: ({ message }) => [
		'The TLS certificate of the PBX is not valid',
		`The certificate was rejected (${message}). Check the 'Base URL' of the credential.`,
	],
	interrupted: () => [
		'The PBX did not respond',
		'The request was retried where that is safe. Try again later.',
	],
	invalidResponse: ({ message }) => [
		'The response does not come from the RingMe API',
		`${message}. Check the 'Base URL' of the credential.`,
	],
	notAFile: ({ message }) => [
		'The PBX returned no file',
		`It returned ${message ? 'text' : 'nothing'} instead. Check the ID, and that the file is ready: a recording can take some minutes after its call.`,
	],
};

/** Meaning of the PBX's error codes (RingMe documentation of error codes). */
const HINT_BY_CODE: Record<string, string> = {
	access_denied:
		'The user behind the credential has no permission for this. A user of an extension or extension group cannot use what belongs to the whole PBX client, for which @me stands by default; a user of an extension can use its own extension (@me) only. Use the credential of a user of the client, or ask the administrator of the PBX.',
	user_blocked: 'The user behind the credential, or its client, is blocked on the PBX.',
	user_access_type_deny:
		'The user behind the credential has read-only access. Use a user with full access.',
	app_access_type_deny:
		"The application is registered with the access level 'Call API'. An administrator of the PBX can register it with the access level 'All'.",
	client_not_found:
		"The PBX has no such client. Check 'PBX Client' in the credential and in the settings of the node; @me is the client of the logged-in user.",
};

function describeStatus({ details, request }: RequestError): ErrorText {
	const { status = 0, message } = details;
	const hint = HINT_BY_CODE[details.code ?? ''] ?? '';
	switch (status) {
		case 401:
			return request.basicAuth
				? [
						'The PBX rejected the login and password',
						"Open the credential and check 'PBX Login' and 'PBX Password'.",
					]
				: [
						'The PBX rejected the access token',
						"Open the credential: check 'Client ID' and 'Client Secret', or enter a new access token.",
					];
		case 403:
			return ['The PBX does not allow this request', hint];
		case 404:
			return hint ? [message || 'The PBX found no such record', hint] : notFoundText(request);
		case 429:
			return rateLimitText(details);
	}
	if (isRedirect(details)) {
		return [`${REDIRECTED}${details.location ? ' to another host' : ''}`, redirectHint(details)];
	}
	if (status >= 500) {
		return [
			message
				? `The PBX could not process the request: ${message}`
				: `The PBX could not process the request (status ${status})`,
			'Try again later.',
		];
	}
	return [
		message
			? `The PBX rejected the request: ${message}`
			: `The PBX rejected the request (status ${status})`,
		hint,
	];
}

const notFoundText = ({ resource }: RequestError['request']): ErrorText => [
	resource
		? `The PBX has no ${resource.label} ${String(resource.id)}`
		: 'The PBX found no such record',
	resource?.id === '@me'
		? "@me is the logged-in user's own record: as an extension it only works for a user of an extension. Choose the extension."
		: 'Check the ID. It may not be there yet: a call and its recording can be read when the call is over. Or it was deleted.',
];

const tokenText = ({ status = 0, message }: ErrorDetails): ErrorText => [
	`The PBX issued no access token${message ? `: ${message}` : ''}`,
	status < 500
		? "Open the credential: check 'Client ID' and 'Client Secret' and the 'Base URL'."
		: 'Nothing else was sent. Try again later.',
];

const REDIRECTED = 'The PBX redirected the request';

const isRedirect = ({ kind, status = 0 }: ErrorDetails) =>
	kind === 'http' && status >= 300 && status < 400;

function redirectHint({ location }: ErrorDetails) {
	const target = location && URL.canParse(location) && new URL(location);
	const followed = target
		? `The redirect was not followed, so that no other host gets the token. It leads to ${target.origin}.`
		: 'The redirect was not followed.';
	return `${followed} Check the 'Base URL' of the credential.`;
}

function rateLimitText({ retryAfterMs: wait }: ErrorDetails): ErrorText {
	if (wait === undefined) {
		return ['The PBX is busy with another request of this kind', 'Try again in a minute.'];
	}
	const minutes = Math.ceil(wait / 60_000);
	const time = new Date(Date.now() + wait).toISOString().slice(11, 19);
	return [
		'The hourly rate limit of the PBX is exceeded',
		`All applications of this PBX client share it. Requests work again at ${time} UTC, in ${minutes} minute${minutes === 1 ? '' : 's'}.`,
	];
}

const quoteResponse = ({ message, status }: ErrorDetails, shown: string) =>
	status && message && !shown.includes(message)
		? `Response of the PBX: ${asSentence(message)}`
		: undefined;

const asSentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

const sentences = (...parts: Array<string | number | undefined>) =>
	parts.filter(Boolean).join(' ') || undefined;
