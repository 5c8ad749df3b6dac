/** One field, one GET: what n8n's declarative engine costs at the least. */
class OneField {
	description = {
		displayName: 'One Field',
		name: 'oneField',
		group: ['transform'],
		version: 1,
		description: 'Gets one thing',
		defaults: { name: 'One Field' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'oneFieldApi', required: true }],
		requestDefaults: { baseURL: '={{$credentials.baseUrl}}' },
		properties: [
			{
				displayName: 'ID',
				name: 'id',
				type: 'string',
				default: '',
				routing: {
					request: { method: 'GET', url: '=/api/ver1.0/client/@me/extension/{{$value}}' },
				},
			},
		],
	};
}

module.exports = { OneField };
