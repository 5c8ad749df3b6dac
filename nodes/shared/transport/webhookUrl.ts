import { pbxOrigin } from './baseUrl';

/** Why the PBX may be unable to call a URL of this n8n. */
export interface WebhookUrlProblem {
	/** Certain to fail; otherwise only worth a warning. */
	isFatal: boolean;
	message: string;
	/** What to do. */
	description: string;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$|\.localhost$/i;
const PRIVATE =
	/^(10(\.\d+){3}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|192\.168(\.\d+){2}|169\.254(\.\d+){2}|\[f[cde][\da-f]*:.*\]|[^.[\]:]+)$|\.(local|lan|internal|home\.arpa)$/i;

/**
 * What keeps the PBX from calling a URL of this n8n: an address that only this machine or its network
 * knows, or a connection without encryption. A PBX on this machine reaches everything.
 *
 * @param baseUrl of the credential
 * @returns undefined where nothing is known against it
 */
export function findWebhookUrlProblem(
	url: string,
	baseUrl: unknown,
): WebhookUrlProblem | undefined {
	const { hostname, protocol, origin } = new URL(url);
	if (LOOPBACK.test(new URL(pbxOrigin(baseUrl)).hostname)) return undefined;
	if (LOOPBACK.test(hostname)) {
		return {
			isFatal: true,
			message: `The PBX cannot call this n8n: its address is ${origin}`,
			description:
				"Set n8n's environment variable WEBHOOK_URL to an address that the PBX can reach, on all processes of n8n.",
		};
	}
	if (PRIVATE.test(hostname)) {
		return {
			isFatal: false,
			message: `The address of this n8n, ${origin}, looks like one of a private network`,
			description:
				"If the PBX is not in that network, it cannot report results. Set n8n's environment variable WEBHOOK_URL to an address that it can reach.",
		};
	}
	if (protocol === 'https:') return undefined;
	return {
		isFatal: false,
		message: `The address of this n8n, ${origin}, does not use https`,
		description: 'What the PBX sends can be read and changed on its way. Use an https address.',
	};
}
