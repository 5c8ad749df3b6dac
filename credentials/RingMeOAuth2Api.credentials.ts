import type { Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { baseUrl, client, ignoreSslIssues, login, password, pbxUrl, testRequest } from './shared';

/**
 * An application registered on the PBX. n8n fetches the token, and fetches a new one after a 401 response.
 *
 * A trusted application acts as the user who registered it (client credentials). A public one asks a
 * user for consent (authorization code).
 */
export class RingMeOAuth2Api implements ICredentialType {
	name = 'ringMeOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'RingMe OAuth2 API';

	icon: Icon = { light: 'file:../icons/ringme.svg', dark: 'file:../icons/ringme.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-ringme/n8n-nodes-ringme#credentials';

	properties: INodeProperties[] = [
		baseUrl,
		{
			displayName: 'Application Type',
			name: 'grantType',
			type: 'options',
			options: [
				{
					name: 'Trusted (Client Credentials)',
					value: 'clientCredentials',
					description: 'Acts as the user who registered the application, without a login',
				},
				{
					name: 'Public (Authorization Code)',
					value: 'authorizationCode',
					description: 'Acts as a user who logs in once and grants access',
				},
			],
			default: 'clientCredentials',
			description: 'Type with which the application was registered on the PBX',
		},
		client,
		login,
		password,
		ignoreSslIssues,
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default: pbxUrl('$self["baseUrl"]', '/oauth/authorize'),
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: pbxUrl('$self["baseUrl"]', '/oauth/token'),
		},
		{ displayName: 'Scope', name: 'scope', type: 'hidden', default: 'all' },
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: '',
		},
		{
			displayName: 'Send Additional Body Properties',
			name: 'sendAdditionalBodyProperties',
			type: 'hidden',
			default: false,
		},
		{ displayName: 'Authentication', name: 'authentication', type: 'hidden', default: 'body' },
	];

	test: ICredentialTestRequest = testRequest;
}
