class OneFieldApi {
	name = 'oneFieldApi';

	displayName = 'One Field API';

	properties = [
		{ displayName: 'Base URL', name: 'baseUrl', type: 'string', default: '' },
		{ displayName: 'Access Token', name: 'accessToken', type: 'string', default: '' },
	];

	authenticate = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.accessToken}}' } },
	};
}

module.exports = { OneFieldApi };
