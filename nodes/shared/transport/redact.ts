import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** The token that n8n stored with an OAuth2 credential; undefined before the first one was fetched. */
export function tokenOf({ oauthTokenData }: ICredentialDataDecryptedObject) {
	const token = oauthTokenData as { access_token?: string; refresh_token?: string } | undefined;
	return token?.access_token ? token : undefined;
}

/** The values of a credential that no message or log may contain. */
export function secretsOf(credentials: ICredentialDataDecryptedObject): string[] {
	const token = tokenOf(credentials);
	const { pbxLogin, pbxPassword } = credentials;
	return [
		credentials.accessToken,
		credentials.clientSecret,
		pbxPassword,
		pbxPassword && Buffer.from(`${String(pbxLogin)}:${String(pbxPassword)}`).toString('base64'),
		token?.access_token,
		token?.refresh_token,
	].filter((value): value is string => typeof value === 'string' && value.length > 0);
}

/** Shorter secrets are only redacted where no letter or digit continues them: they would hide parts of words. */
const MIN_SUBSTRING_LENGTH = 6;
const REDACTED = '***';

/** Replaces secrets with `***`, including their JSON and URL-encoded forms. */
export function redact(text: string, secrets: string[]): string {
	let redacted = text;
	for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
		if (secret.length < MIN_SUBSTRING_LENGTH) {
			redacted = redactWord(redacted, secret);
			continue;
		}
		for (const form of [secret, JSON.stringify(secret).slice(1, -1), urlEncoded(secret)]) {
			redacted = redacted.split(form).join(REDACTED);
		}
	}
	return redacted;
}

const WORD = /[\p{L}\p{N}_]/u;
const isWord = (character: string | undefined) => character !== undefined && WORD.test(character);

function redactWord(text: string, secret: string): string {
	const [first, ...others] = text.split(secret);
	let redacted = first;
	let previous = first;
	for (const next of others) {
		const continues =
			(isWord(secret[0]) && isWord(previous.at(-1))) || (isWord(secret.at(-1)) && isWord(next[0]));
		redacted += (continues ? secret : REDACTED) + next;
		// Between two of them without anything, the first one is what comes before.
		previous = next === '' ? secret : next;
	}
	return redacted;
}

function urlEncoded(secret: string) {
	try {
		return encodeURIComponent(secret);
	} catch {
		// A lone surrogate cannot be URL-encoded.
		return secret;
	}
}
