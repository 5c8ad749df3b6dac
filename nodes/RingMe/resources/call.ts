import { list, resource } from './rows';

export const call = resource({
	label: 'Call',
	about: 'Calls that are going on now',
	rows: {
		getManyActive: list(
			'/client/{client_id}/current_calls/',
			'Retrieve the calls that are going on now at extensions of type phone',
			{
				root: 'call_list',
				action: 'Get many active calls',
				simple: [
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
