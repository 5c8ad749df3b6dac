/**
 * The credential type that OAuth2 credentials extend, with the same fields by name, type and default.
 * In n8n it is part of n8n-nodes-base, which is not installed here.
 */
import type { ICredentialType, INodeProperties } from 'n8n-workflow';

const field = (
	name: string,
	type: INodeProperties['type'],
	value: INodeProperties['default'],
	grantTypes?: string[],
): INodeProperties => ({
	displayName: name,
	name,
	type,
	default: value,
	...(grantTypes && { displayOptions: { show: { grantType: grantTypes } } }),
});

const interactive = ['authorizationCode', 'pkce'];

export const oAuth2Api: ICredentialType = {
	name: 'oAuth2Api',
	displayName: 'OAuth2 API',
	properties: [
		{
			...field('grantType', 'options', 'authorizationCode'),
			options: [...interactive, 'clientCredentials'].map((value) => ({ name: value, value })),
		},
		field('authUrl', 'string', '', interactive),
		field('accessTokenUrl', 'string', ''),
		field('clientId', 'string', ''),
		field('clientSecret', 'string', ''),
		field('scope', 'string', ''),
		field('authQueryParameters', 'string', '', interactive),
		{
			...field('authentication', 'options', 'header'),
			options: ['body', 'header'].map((value) => ({ name: value, value })),
		},
		field('sendAdditionalBodyProperties', 'boolean', false, ['clientCredentials']),
		field('additionalBodyProperties', 'json', '', ['clientCredentials']),
		field('ignoreSSLIssues', 'boolean', false),
		field('tokenExpiredStatusCode', 'number', 401),
		field('oauthTokenData', 'json', {}),
	],
};
