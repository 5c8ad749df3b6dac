import { list, resource } from '../../shared/schema/operation';

export const call = resource({
	label: 'Call',
	description: "Calls in progress. For recorded calls, use the resource 'Recording'.",
	operations: {
		getManyActive: list(
			'/client/{client_id}/current_calls/',
			'Retrieve a list of the calls in progress on extensions of type phone',
			{
				rootProperty: 'call_list',
				action: 'Get many active calls',
				simplifiedFields: [
					'record_uuid',
					'call_flow',
					'extension_id',
					'caller_id_number',
					'caller_id_name',
					'called_number',
					'called_did',
					'init_time_gmt',
					'answer_time_gmt',
					'call_api_id',
				],
			},
		),
	},
});
