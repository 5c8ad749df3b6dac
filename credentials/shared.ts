import type { ICredentialTestRequest, INodeProperties } from 'n8n-workflow';

export const baseUrl: INodeProperties = {
	displayName: 'Base URL',
	name: 'baseUrl',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://apiproxy.telphin.ru',
	description:
		"Address of the operator's API, without <code>/api/ver1.0</code>. Telphin: <code>https://apiproxy.telphin.ru</code>. Other operators name theirs in the PBX interface or on request. It must be https; http is only for localhost.",
};

export const client: INodeProperties = {
	displayName: 'PBX Client',
	name: 'client',
	type: 'string',
	default: '@me',
	description:
		'Whose PBX to work with: <code>@me</code> is the client of the logged-in user; a dealer or administrator gives the number of a client',
};

export const login: INodeProperties = {
	displayName: 'PBX Login',
	name: 'pbxLogin',
	type: 'string',
	default: '',
	description: 'Only for the operation Download with Basic Auth: login of a PBX user',
};

export const password: INodeProperties = {
	displayName: 'PBX Password',
	name: 'pbxPassword',
	type: 'string',
	typeOptions: { password: true },
	default: '',
	description: 'Only for the operation Download with Basic Auth: password of that PBX user',
};

/**
 * An expression for an address on the PBX. n8n itself fetches tokens and tests credentials, so this
 * is the place to keep secrets off plain http: a wrong Base URL leads to a host that cannot exist.
 *
 * @param from how an expression reads the Base URL here
 */
export const pbxAddress = (from: string, path: string) =>
	`={{ /^(https:|http:\\/\\/(localhost|127\\.|\\[::1\\]))/i.test(${from}) ? ${from}.trim().replace(/(\\/api\\/ver1\\.0)?\\/*$/, "") : "https://base-url-must-be-https.invalid" }}${path}`;

/**
 * Asks the PBX who the token belongs to: the cheapest request that needs a valid token
 * (RingMe documentation, page of the user resource).
 */
export const testRequest: ICredentialTestRequest = {
	request: {
		baseURL: pbxAddress('$credentials.baseUrl', '/api/ver1.0'),
		url: '/user/',
		sendCredentialsOnCrossOriginRedirect: false,
	},
	rules: [
		{
			type: 'responseCode',
			properties: {
				value: 401,
				message:
					'The PBX does not accept the token. Check the application ID and secret, or take a new access token.',
			},
		},
		{
			type: 'responseCode',
			properties: {
				value: 404,
				message: 'There is no RingMe API at this Base URL. Give the address without /api/ver1.0.',
			},
		},
	],
};
