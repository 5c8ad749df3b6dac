// Add Tasks writes the webhook URLs of tasks, and RingMe Trigger receives the requests to them. The two
// nodes may be in different workflows and processes and hand over no state (n8n gives its workers no
// static data of other nodes): what both know is the credential and the URL.

import { createHmac, timingSafeEqual } from 'crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { isRecord } from '../transport/records';

/** Events of a task that RingMe Trigger receives, in alphabetical order of their labels. */
export const taskEvents = [
	{ value: 'task-connected', label: 'Task Connected' },
	{ value: 'task-finished', label: 'Task Finished' },
] as const;

export type TaskEvent = (typeof taskEvents)[number]['value'];

/** What the signed URL of a task says. */
export interface TaskReport {
	event: TaskEvent;
	/** Client account of the task scheduler, `@me` for that of the user. */
	client: string;
	schedulerId: string;
	/** The user's key of the task; null if there is none. */
	key: string | number | null;
	/** Distinguishes tasks that have the same key. */
	reference: string;
}

/** Query parameter of the signed URL. */
export const REPORT_PARAMETER = 'report';
/** Query parameter of a request that asks for the proof of a RingMe Trigger. */
export const CHECK_PARAMETER = 'reportCheck';

/** How RingMe Trigger responds to a request with `CHECK_PARAMETER`. */
export interface ReportCheck {
	ringMeTrigger: {
		/** The selected events of tasks. */
		events: string[];
		/** Whether it only listens for a test event. */
		isTest: boolean;
		/** Proves that it has the same secret; missing if it has none. */
		proof?: string;
	};
}

/** Signs and verifies the reports of one RingMe Trigger. */
export class ReportSigner {
	/**
	 * @param secret see `reportSecretOf`
	 * @param address ID of the trigger's webhook, the part of its URL that both nodes know for certain:
	 * the host can differ between processes and behind a proxy
	 */
	constructor(
		private readonly secret: Buffer,
		private readonly address: string,
	) {}

	/** The value of `REPORT_PARAMETER`: characters that no PBX has to encode, payload and signature. */
	sign({ event, client, schedulerId, key, reference }: TaskReport): string {
		const values = [event, client, schedulerId, key, reference];
		const payload = Buffer.from(JSON.stringify(values)).toString('base64url');
		return `${payload}.${this.hmac('report', payload)}`;
	}

	/** What a value of `REPORT_PARAMETER` says; undefined if it was not signed for this trigger. */
	verify(token: unknown): TaskReport | undefined {
		if (typeof token !== 'string') return undefined;
		const [payload, signature = ''] = token.split('.', 2);
		// The text of the payload is signed, not its decoded form, which several texts can have.
		if (!isEqual(signature, this.hmac('report', payload))) return undefined;
		if (token !== `${payload}.${signature}`) return undefined;
		const values = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
		const [event, client, schedulerId, key, reference] = values;
		return { event, client, schedulerId, key, reference } as TaskReport;
	}

	/** Proves knowledge of the secret for a random text. It is no signature of a report. */
	prove(nonce: string): string {
		return this.hmac('check', nonce);
	}

	isProof(proof: unknown, nonce: string): boolean {
		return typeof proof === 'string' && isEqual(proof, this.prove(nonce));
	}

	/** JSON separates the parts, so that no two combinations give the same text. */
	private hmac(purpose: 'report' | 'check', text: string): string {
		return createHmac('sha256', this.secret)
			.update(JSON.stringify([purpose, this.address, text]))
			.digest('base64url');
	}
}

/** Compares in constant time. The length of a signature is no secret. */
function isEqual(a: string, b: string) {
	const [bytesA, bytesB] = [Buffer.from(a), Buffer.from(b)];
	return bytesA.length === bytesB.length && timingSafeEqual(bytesA, bytesB);
}

/**
 * The secret that signs reports, derived from the client secret of the application on the PBX, so that
 * the client secret itself is not used as a key.
 *
 * @returns undefined for a credential without a client secret
 */
export function reportSecretOf({
	clientSecret,
}: ICredentialDataDecryptedObject): Buffer | undefined {
	if (typeof clientSecret !== 'string' || clientSecret === '') return undefined;
	return createHmac('sha256', clientSecret).update('n8n-nodes-ringme task reports 1').digest();
}

/** Whether a task on the PBX has the signed URL. Undefined if its record does not show it. */
export function hasReport(task: unknown, event: TaskEvent, token: string): boolean | undefined {
	const url = isRecord(task) ? task[URL_FIELDS[event]] : undefined;
	return typeof url === 'string' && url !== '' ? url.includes(token) : undefined;
}

/** The field of a task that holds the URL for an event. */
export const URL_FIELDS: Record<TaskEvent, 'url_after' | 'url_success'> = {
	'task-finished': 'url_after',
	'task-connected': 'url_success',
};
