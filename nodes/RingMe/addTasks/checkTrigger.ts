import { randomBytes } from 'crypto';
import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { addParameter, type TriggerUrl } from '../../shared/taskReports/reportUrl';
import {
	CHECK_PARAMETER,
	taskEvents,
	type ReportCheck,
	type ReportSigner,
	type TaskEvent,
} from '../../shared/taskReports/taskReport';
import type { Caller } from '../../shared/transport/client';
import { withTimeout } from '../../shared/transport/delay';
import { isRecord } from '../../shared/transport/records';

const TIMEOUT_MS = 10_000;
/** Far more than a RingMe Trigger responds. */
const MAX_BODY_BYTES = 16 * 1024;
/** From a firewall, a proxy or a server in trouble, which may treat the PBX differently. */
const INCONCLUSIVE_STATUS = /^(403|407|429|5\d\d)$/;

/**
 * Asks the RingMe Trigger at a URL whether it will accept the reports. The request contains nothing but
 * a random text; the trigger proves with it that it has the same secret, and starts nothing.
 *
 * @param label name of the input
 * @returns why that is not certain, as a sentence
 * @throws ValidationError if it will not accept them
 */
export async function checkTrigger(
	context: Pick<Caller, 'helpers'>,
	label: string,
	{ href, origin }: TriggerUrl,
	signer: ReportSigner,
	events: TaskEvent[],
): Promise<string | undefined> {
	const nonce = randomBytes(24).toString('base64url');
	const url = addParameter(href, CHECK_PARAMETER, nonce);
	const [response] = await Promise.allSettled([get(context, url)]);
	if (response.status === 'rejected') {
		return `n8n could not reach ${origin} to check '${label}'. If the PBX can reach it, results will arrive.`;
	}
	const { status, text } = response.value;
	const body = parseBody(text);
	const check = isRecord(body) ? (body as Partial<ReportCheck>).ringMeTrigger : undefined;
	if (!isRecord(check)) {
		if (INCONCLUSIVE_STATUS.test(String(status))) {
			return `${origin} responded with status ${status}, so n8n could not check '${label}'. If the PBX gets another response, results will arrive.`;
		}
		throw notATriggerError(label, status, body);
	}
	if (check.isTest) {
		throw new ValidationError(
			`'${label}' is the test URL of a RingMe Trigger`,
			'Copy the production URL instead, and publish the workflow of the trigger.',
		);
	}
	if (!signer.isProof(check.proof, nonce)) {
		throw new ValidationError(
			`The RingMe Trigger of '${label}' has another credential`,
			"It would reject the results. Choose the same OAuth2 credential in both nodes, or one for the same application of the PBX, and publish the trigger's workflow again.",
		);
	}
	const selected: unknown[] = Array.isArray(check.events) ? check.events : [];
	const missing = taskEvents.find(
		({ value }) => events.includes(value) && !selected.includes(value),
	);
	if (missing) {
		throw new ValidationError(
			`The RingMe Trigger of '${label}' does not trigger on '${missing.label}'`,
			`Select '${missing.label}' in its 'Trigger On', and publish its workflow again.`,
		);
	}
	return undefined;
}

function notATriggerError(label: string, status: number, body: unknown) {
	const message = isRecord(body) ? String(body.message ?? '') : '';
	// n8n's response for a webhook that it does not have.
	if (status === 404 && /webhook.* is not registered/i.test(message)) {
		return new ValidationError(
			`No published workflow has the RingMe Trigger of '${label}'`,
			'Publish the workflow of the trigger. If it is published, copy its production URL again.',
		);
	}
	return new ValidationError(
		`There is no RingMe Trigger at the URL of '${label}'`,
		`The server responded with status ${status} and not like a RingMe Trigger. Copy the production URL of the trigger again; if n8n runs behind a proxy, check that it passes on webhooks.`,
	);
}

/** Sends a GET without a credential. The response may be from any server, so it is read within limits. */
async function get(
	{ helpers }: Pick<Caller, 'helpers'>,
	url: string,
): Promise<{ status: number; text: string }> {
	const request: IHttpRequestOptions = {
		url,
		method: 'GET',
		timeout: TIMEOUT_MS,
		encoding: 'stream',
		json: false,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		returnFullResponse: true,
	};
	const response = (await helpers.httpRequest(request)) as IN8nHttpFullResponse;
	const body = response.body as unknown as AsyncIterable<Uint8Array>;
	return {
		status: response.statusCode,
		text: await withTimeout(readStart(body), TIMEOUT_MS, response.body),
	};
}

/** The first bytes of a body, as text. */
async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		size += chunk.length;
		if (size > MAX_BODY_BYTES) break;
	}
	return Buffer.concat(chunks).toString();
}

function parseBody(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Not the response of a RingMe Trigger.
		return undefined;
	}
}
