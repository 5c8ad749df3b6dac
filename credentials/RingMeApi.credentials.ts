import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

import { baseUrl, client, login, password, testRequest } from './shared';

/** A token that was made elsewhere. It ends after about an hour, so this is for trying things out. */
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
				'A token of the PBX. It is not renewed when it ends (usually after an hour): for workflows that run on their own, use the OAuth2 credential.',
		},
		client,
		login,
		password,
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.accessToken}}' } },
	};

	test: ICredentialTestRequest = testRequest;
}
