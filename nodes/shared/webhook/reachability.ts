/** Hosts that only this machine or its network can reach. */
const PRIVATE_HOST =
	/^https?:\/\/(localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[(::1|f[cde])|[^/:]+\.(local|localhost|internal)\b)/i;

const LOOPBACK_HOST = /^(localhost|.+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/i;

/** n8n's name for the setting of its public URL since 2.35, and before. */
export const PUBLIC_URL_SETTING = 'N8N_WEBHOOK_URL (WEBHOOK_URL before n8n 2.35)';

const REMEDY = `Set ${PUBLIC_URL_SETTING} to the public https URL of n8n.`;

/** Whether only this machine itself can reach a URL. */
export const isLoopback = (url: string) => LOOPBACK_HOST.test(new URL(url).hostname);

/** Why the PBX may not reach n8n at this URL, as a sentence; undefined if nothing speaks against it. */
export function reachabilityProblem(url: string): string | undefined {
	const { origin } = new URL(url);
	if (PRIVATE_HOST.test(url)) {
		return `The PBX cannot reach n8n at ${origin}, unless it runs in the same network. ${REMEDY}`;
	}
	return url.startsWith('https:')
		? undefined
		: `The PBX would call n8n at ${origin} without encryption. ${REMEDY}`;
}
