import { ValidationError } from '../errors/validationError';
import { REPORT_PARAMETER } from './taskReport';

/** Last segment of the webhook URL of a RingMe Trigger. */
export const WEBHOOK_PATH = 'events';

/** A URL longer than this is cut off or rejected by some servers. */
const MAX_URL_LENGTH = 2_000;

/** The production URL of a RingMe Trigger. */
export interface TriggerUrl {
	/** Without fragment. */
	href: string;
	origin: string;
	/** ID of the webhook, the last segment but one. */
	address: string;
}

/**
 * Parses the URL that the user copied from a RingMe Trigger.
 *
 * @param label name of the input
 * @throws ValidationError for anything else
 */
export function parseTriggerUrl(label: string, value: unknown): TriggerUrl {
	const text = String(value ?? '').trim();
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
		throw new ValidationError(`'${label}' is not a URL`, COPY_URL);
	}
	const segments = url.pathname.split('/').filter(Boolean);
	if (segments.includes('webhook-test')) {
		throw new ValidationError(
			`'${label}' is the test URL of a RingMe Trigger`,
			'n8n listens there only while a test waits for one event. Copy the production URL instead, and publish the workflow of the trigger.',
		);
	}
	const address = segments[segments.length - 2];
	if (segments[segments.length - 1] !== WEBHOOK_PATH || !address) {
		throw new ValidationError(`'${label}' is not the URL of a RingMe Trigger`, COPY_URL);
	}
	url.hash = '';
	return { href: url.href, origin: url.origin, address: decode(address) };
}

/** Whether a URL is that of a RingMe Trigger, which accepts reports only at URLs that Add Tasks has signed. */
export const isTriggerUrl = (url: string): boolean =>
	URL.canParse(url) && TRIGGER_PATH.test(new URL(url).pathname);

/** A webhook of n8n, or an ID that n8n gave it where the first part of its URLs is set otherwise. */
const TRIGGER_PATH = new RegExp(
	`/(?:webhook(?:-test)?/[^/]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/${WEBHOOK_PATH}/?$`,
	'i',
);

const COPY_URL =
	"Open the RingMe Trigger that should receive the results, and copy its production URL from 'Webhook URLs'. It ends with /events.";

function decode(segment: string) {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

/** The URL with one more query parameter, whose value needs no encoding. */
export const addParameter = (href: string, name: string, value: string) =>
	`${href}${href.includes('?') ? '&' : '?'}${name}=${value}`;

/**
 * The trigger's URL with the signed report of a task.
 *
 * @throws ValidationError if it becomes too long
 */
export function addReport({ href }: TriggerUrl, token: string): string {
	const url = addParameter(href, REPORT_PARAMETER, token);
	if (url.length > MAX_URL_LENGTH) {
		throw new ValidationError(
			`The webhook URL of the task would have ${url.length} characters`,
			`At most ${MAX_URL_LENGTH} are safe. Shorten 'Result Key' or 'Report Results To'.`,
		);
	}
	return url;
}
