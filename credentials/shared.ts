import type { ICredentialTestRequest, INodeProperties } from 'n8n-workflow';

export const baseUrl: INodeProperties = {
	displayName: 'Base URL',
	name: 'baseUrl',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://apiproxy.telphin.ru',
	description:
		"URL of your operator's API, without /api/ver1.0. For Telphin: https://apiproxy.telphin.ru. Ask other operators for theirs. HTTPS is required, except for localhost.",
};

export const client: INodeProperties = {
	displayName: 'PBX Client',
	name: 'client',
	type: 'string',
	default: '@me',
	description:
		'Client account to use: @me for the account of the logged-in user, or a client ID if you are a dealer or administrator',
};

export const login: INodeProperties = {
	displayName: 'PBX Login',
	name: 'pbxLogin',
	type: 'string',
	default: '',
	description: "Login of a PBX user, only for the operation 'Download with Basic Auth'",
};

export const password: INodeProperties = {
	displayName: 'PBX Password',
	name: 'pbxPassword',
	type: 'string',
	typeOptions: { password: true },
	default: '',
	description: "Password of the PBX user, only for the operation 'Download with Basic Auth'",
};

/** n8n reads a field of this name when it fetches the token of an OAuth2 credential. */
export const ignoreSslIssues: INodeProperties = {
	displayName: 'Ignore SSL Issues (Insecure)',
	name: 'ignoreSSLIssues',
	type: 'boolean',
	default: false,
	description: 'Whether to connect even if SSL certificate validation is not possible',
};

/**
 * An expression for a URL of the PBX. n8n itself fetches tokens and tests credentials, so the
 * expression keeps secrets off plain HTTP: with a Base URL that is not allowed it returns a host
 * that cannot exist.
 *
 * @param baseUrlExpression expression that reads the Base URL
 */
export const pbxUrl = (baseUrlExpression: string, path: string) =>
	`={{ /^(https:|http:\\/\\/(localhost|127\\.|\\[::1\\]))/i.test(${baseUrlExpression}.trim()) ? ${baseUrlExpression}.trim().replace(/(\\/api\\/ver1\\.0)?\\/*$/, "") : "https://base-url-must-be-https.invalid" }}${path}`;

/** Requests the user of the token, which is the cheapest request that needs a valid token. */
export const testRequest: ICredentialTestRequest = {
	request: {
		baseURL: pbxUrl('$credentials.baseUrl', '/api/ver1.0'),
		url: '/user/',
		sendCredentialsOnCrossOriginRedirect: false,
		skipSslCertificateValidation: '={{ $credentials.ignoreSSLIssues }}',
	},
	rules: [
		{
			type: 'responseCode',
			properties: {
				value: 401,
				message:
					"The PBX rejected the access token. Check 'Client ID' and 'Client Secret', or enter a new 'Access Token'.",
			},
		},
		{
			type: 'responseCode',
			properties: {
				value: 404,
				message: "There is no RingMe API at this 'Base URL'. Enter the URL without /api/ver1.0.",
			},
		},
	],
};
