/** The credentials in n8n's engine: their test, and the Base URL. */
import { accessToken, setupFixture, oAuth2 } from '../harness/fixture.mts';

const fixture = setupFixture();

describe('the credentials', () => {
	it('tests an OAuth2 credential, and does not show a wrong secret', async () => {
		const valid = oAuth2(fixture.sandbox);
		expect(await fixture.engine.testCredential('ringMeOAuth2Api', valid)).toMatchObject({
			status: 'OK',
		});
		const invalid = await fixture.engine.testCredential('ringMeOAuth2Api', {
			...valid,
			clientSecret: 'wrong',
		});
		expect(invalid.status).toBe('Error');
		expect(JSON.stringify(invalid)).not.toContain('sandbox-secret');
	});

	it('tests an access token credential, and reports a wrong token', async () => {
		const valid = accessToken(fixture.sandbox);
		expect(await fixture.engine.testCredential('ringMeApi', valid)).toMatchObject({ status: 'OK' });
		expect(
			await fixture.engine.testCredential('ringMeApi', { ...valid, accessToken: 'wrong' }),
		).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('rejected the access token'),
		});
	});

	it.each(['/', '/api/ver1.0', '/api/ver1.0/'])(
		'accepts a Base URL that ends in %s',
		async (ending) => {
			const ringMeApi = { ...accessToken(fixture.sandbox), baseUrl: fixture.sandbox.url + ending };
			const { error } = await fixture.run(
				{ resource: 'extension', operation: 'getMany', limit: 1 },
				{ credentials: { ringMeApi } },
			);
			expect(error).toBeUndefined();
			expect(await fixture.engine.testCredential('ringMeApi', ringMeApi)).toMatchObject({
				status: 'OK',
			});
		},
	);

	it.each(['http://pbx.example.com', 'ftp://localhost', 'https://user@pbx.example.com', 'pbx'])(
		'rejects the Base URL %s before anything is sent',
		async (baseUrl) => {
			const ringMeApi = { ...accessToken(fixture.sandbox), baseUrl };
			const { error } = await fixture.run(
				{ resource: 'extension', operation: 'getMany' },
				{ credentials: { ringMeApi } },
			);
			expect(error?.message).toBe("The 'Base URL' of the credential is not valid");
		},
	);
});
