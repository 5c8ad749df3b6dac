import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

/** Passwords and tokens: what must never be read in a message or an output, whoever repeats it. */

/** What n8n stored with an OAuth2 credential, if it ever fetched a token. */
export function tokenOf({ oauthTokenData }: ICredentialDataDecryptedObject) {
	const token = oauthTokenData as { access_token?: string; refresh_token?: string } | undefined;
	return token?.access_token ? token : undefined;
}

/** The values of a credential that must not appear anywhere. */
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

/** Shorter ones count only where they stand alone, or they would hide half of everything. */
const SHORT = 6;
const HIDDEN = '***';

/** Text without the secrets, also where they stand in JSON or in an address. */
export function hide(text: string, secrets: string[] = []): string {
	let clean = text;
	for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
		if (secret.length < SHORT) {
			clean = clean.replace(/[\p{L}\p{N}_.-]+/gu, (word) => (word === secret ? HIDDEN : word));
			continue;
		}
		for (const form of [secret, JSON.stringify(secret).slice(1, -1), inAddress(secret)]) {
			clean = clean.split(form).join(HIDDEN);
		}
	}
	return clean;
}

function inAddress(secret: string) {
	try {
		return encodeURIComponent(secret);
	} catch {
		// Half of a surrogate pair has no such form.
		return secret;
	}
}

const SECRET_KEY = /pass|secret|token/i;

/** Records without the secrets, should the PBX send them back. */
export function masked(records: IDataObject[], secrets: string[] = []): IDataObject[] {
	const all = JSON.stringify(records);
	const there = secrets.filter((secret) => all.includes(JSON.stringify(secret).slice(1, -1)));
	if (there.length === 0) return records;
	return JSON.parse(all, (key, value: unknown) => {
		if (typeof value !== 'string') return value;
		if (there.includes(value) && (value.length >= SHORT || SECRET_KEY.test(key))) return HIDDEN;
		return hide(
			value,
			there.filter(({ length }) => length >= SHORT),
		);
	}) as IDataObject[];
}
