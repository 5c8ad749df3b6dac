/** Secrets in texts. */
import fc from 'fast-check';

import { redact, secretsOf, tokenOf } from '../../nodes/shared/transport/redact';

describe('redact', () => {
	it.each([
		['token-123', 'Bad token: token-123!', 'Bad token: ***!'],
		['token-123', 'token-123token-123', '******'],
		['token-123', 'xtoken-123x', 'x***x'],
		['quo"te\\x', '{"p":"quo\\"te\\\\x"}', '{"p":"***"}'],
		['a b&c=d', 'password=a%20b%26c%3Dd', 'password=***'],
		['пароль', 'p=%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C', 'p=***'],
		['p4', 'the password p4 is weak', 'the password *** is weak'],
		['p4', 'mp4, p40 and p.4', 'mp4, p40 and p.4'],
		['пыж', 'пыжик пыж', 'пыжик ***'],
	])('replaces the secret %j in "%s"', (secret, text, redacted) => {
		expect(redact(text, [secret])).toBe(redacted);
	});

	it('replaces a secret that contains another one as a whole', () => {
		expect(redact('token-123-long token-123', ['token-123', 'token-123-long'])).toBe('*** ***');
	});

	it('does not change a text without secrets', () => {
		expect(redact('No room', ['token-123'])).toBe('No room');
		expect(redact('No room', [])).toBe('No room');
	});

	it('accepts a secret that cannot be URL-encoded', () => {
		expect(redact('a \ud800lonely', ['\ud800lonely'])).toBe('a ***');
	});

	it('leaves no secret of six or more characters in any text', () => {
		const anyText = fc.string({ unit: 'grapheme' });
		// A secret of asterisks would be what it is replaced with.
		const anySecret = fc.stringMatching(/^[a-zA-Zа-я0-9"\\ &%=+/-]{6,30}$/u);
		fc.assert(
			fc.property(anyText, anySecret, anyText, (before, secret, after) => {
				for (const form of [
					secret,
					JSON.stringify(secret).slice(1, -1),
					encodeURIComponent(secret),
				]) {
					expect(redact(`${before}${form}${after}`, [secret]).includes(secret)).toBe(false);
				}
			}),
		);
	});
});

describe('secretsOf', () => {
	it('returns all secrets of a credential with OAuth2', () => {
		expect(
			secretsOf({
				clientId: 'app',
				clientSecret: 'secret',
				oauthTokenData: { access_token: 'token', refresh_token: 'refresh', token_type: 'Bearer' },
			}),
		).toEqual(['secret', 'token', 'refresh']);
	});

	it('returns all secrets of a credential with an access token, and the login in its encoded form', () => {
		const credential = { accessToken: 'token', pbxLogin: 'ann', pbxPassword: 'p4' };
		expect(secretsOf(credential)).toEqual(['token', 'p4', 'YW5uOnA0']);
	});

	it('returns nothing for empty fields, and for a token that is not fetched yet', () => {
		expect(secretsOf({ accessToken: '', clientSecret: '', pbxLogin: 'ann' })).toEqual([]);
		expect(secretsOf({ oauthTokenData: {} })).toEqual([]);
		expect(tokenOf({ oauthTokenData: {} })).toBeUndefined();
		expect(tokenOf({})).toBeUndefined();
	});
});

it('redacts a short secret with a symbol, but not a part of another word', () => {
	expect(redact("login 'a$b', a$b. xa$b a$bx", ['a$b'])).toBe("login '***', ***. xa$b a$bx");
	expect(redact('$$$ a$$$', ['$$$'])).toBe('*** a***');
	expect(redact('admin admins admin', ['admin'])).toBe('*** admins ***');
});
