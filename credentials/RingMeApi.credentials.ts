import type {
	IAuthenticate,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

import { baseUrl, client, ignoreSslIssues, login, password, testRequest } from './shared';

/** An existing access token. It expires after about an hour, so this credential is for tests. */
export class RingMeApi implements ICredentialType {
	name = 'ringMeApi';

	displayName = 'RingMe API';

	icon: Icon = { light: 'file:../icons/ringme.svg', dark: 'file:../icons/ringme.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-ringme/n8n-nodes-ringme#credentials';

	properties: INodeProperties[] = [
		baseUrl,
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'Access token of the PBX. It usually expires after an hour and is not refreshed. For published workflows, use the OAuth2 credential.',
		},
		client,
		login,
		password,
		ignoreSslIssues,
	];

	/** A function, because n8n would evaluate an expression for every request. */
	authenticate: IAuthenticate = async ({ accessToken }, request) => ({
		...request,
		headers: { ...request.headers, Authorization: `Bearer ${String(accessToken)}` },
	});

	test: ICredentialTestRequest = testRequest;
}
