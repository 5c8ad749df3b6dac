import { httpMethod, timezone } from './common/fields';
import { boolean, integer, locator, text } from '../../shared/schema/field';
import {
	dialRuleLocator,
	networkPermissionLocator,
	soundLocator,
} from '../../shared/schema/locators';
import { get, put, resource } from '../../shared/schema/operation';

const optional = [
	httpMethod(
		'call_interactive_method',
		'Call Interactive Method',
		'How the PBX asks the Call Interactive URL',
	),
	boolean(
		'call_interactive_out_call',
		'Call Interactive on Outgoing Calls',
		'Whether numbers dialed by hand from phones are asked about too',
		{ default: false },
	),
	integer(
		'call_interactive_timeout',
		'Call Interactive Timeout',
		'How long the PBX waits for the answer of the Call Interactive URL',
		{ min: 0 },
	),
	text(
		'call_interactive_url',
		'Call Interactive URL',
		'Web address that the PBX asks what to do with a call',
		{ placeholder: 'e.g. https://example.com/call' },
	),
	locator(
		'dial_rule_id',
		dialRuleLocator,
		'Dial Rule List',
		'Rules that rewrite the numbers dialed on this PBX',
	),
	text(
		'disk_space_notify_email',
		'Disk Space Email',
		'Who is told when the storage for recordings fills up',
		{ placeholder: 'name@email.com' },
	),
	integer(
		'disk_space_notify_threshold',
		'Disk Space Threshold',
		'How full the storage is when the email is sent, in the unit of your PBX',
		{ min: 0 },
	),
	text('geo_list', 'Geo List', 'Regions of the PBX, in the form that Get shows'),
	locator('hold_music', soundLocator, 'Music on Hold', 'Sound that a caller hears while on hold'),
	locator(
		'sip_network_permission_id',
		networkPermissionLocator,
		'Network Permission',
		'Networks from which phones may register',
	),
	timezone,
];

const simplifiedFields = [
	'id',
	'name',
	'type',
	'domain',
	'prefix',
	'extension_len',
	'timezone',
	'language',
	'email',
	'create_date',
];

const settings = '/client/{client_id}/client/';
const info = '/client/client_info/{client_id}/';

export const client = resource({
	label: 'Client',
	description: 'Settings and limits of the whole PBX',
	operations: {
		get: get(settings, 'Retrieve the settings of the PBX', { simplifiedFields }),
		getInfo: get(info, 'Retrieve the settings of the PBX at its second address, client_info', {
			simplifiedFields,
			action: 'Get info of client',
		}),
		getLimits: get(
			'/client/{client_id}/limit/',
			'Retrieve how many extensions, users, sounds and so on the PBX may have',
			{
				action: 'Get limits of client',
				simplifiedFields: [
					'extension_limit',
					'extension_group_limit',
					'calls_limit',
					'disk_quota',
					'user_client_limit',
					'user_extension_limit',
					'extension_agent_limit',
					'remote_agent_limit',
					'event_limit',
					'interval_limit',
				],
			},
		),
		update: put(settings, 'Change settings of the whole PBX; what you do not add stays as it is', {
			optional,
			simplifiedFields,
		}),
		updateInfo: put(info, 'Change settings of the whole PBX at its second address, client_info', {
			optional,
			simplifiedFields,
			action: 'Update info of client',
		}),
	},
});
