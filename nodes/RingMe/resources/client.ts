import { httpMethod, timezone } from './common/fields';
import { boolean, integer, locator, text } from '../../shared/schema/field';
import {
	dialRuleListLocator,
	networkPermissionLocator,
	soundLocator,
} from '../../shared/schema/locators';
import { get, put, resource } from '../../shared/schema/operation';

const optional = [
	httpMethod(
		'call_interactive_method',
		'Call Interactive Method',
		"HTTP method for requests to 'Call Interactive URL'",
	),
	boolean(
		'call_interactive_out_call',
		'Call Interactive on Outbound Calls',
		"Whether to also request 'Call Interactive URL' for numbers dialed by hand on phones",
		{ default: false },
	),
	integer(
		'call_interactive_timeout',
		'Call Interactive Timeout',
		"Maximum time to wait for a response from 'Call Interactive URL', in the unit of your PBX",
		{ min: 0 },
	),
	text(
		'call_interactive_url',
		'Call Interactive URL',
		'URL that the PBX requests to find out how to handle a call',
		{ placeholder: 'e.g. https://example.com/call', clearable: true },
	),
	locator(
		'dial_rule_id',
		dialRuleListLocator,
		'Dial Rule List',
		'Dial rule list for the numbers dialed on this PBX',
		{ clearable: true },
	),
	text(
		'disk_space_notify_email',
		'Storage Alert Email',
		'Email address to notify when the storage for recordings is almost full',
		{ placeholder: 'name@email.com', clearable: true },
	),
	integer(
		'disk_space_notify_threshold',
		'Storage Alert Threshold',
		'Storage usage at which the alert is sent, in the unit of your PBX',
		{ min: 0 },
	),
	text('geo_list', 'Geo List', "Regions of the PBX, in the format that 'Get' returns"),
	locator('hold_music', soundLocator, 'Hold Music', 'Sound to play to callers on hold', {
		clearable: true,
	}),
	locator(
		'sip_network_permission_id',
		networkPermissionLocator,
		'Network Permission',
		'Networks from which phones can register',
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

const settingsPath = '/client/{client_id}/client/';
const infoPath = '/client/client_info/{client_id}/';

export const client = resource({
	label: 'Client',
	description: 'Settings and limits of the PBX',
	operations: {
		get: get(settingsPath, 'Retrieve the settings of the PBX', { simplifiedFields }),
		getInfo: get(
			infoPath,
			"Retrieve the settings of the PBX from its client_info endpoint. The fields are those of 'Get'.",
			{ simplifiedFields, action: 'Get info of client' },
		),
		getLimits: get(
			'/client/{client_id}/limit/',
			'Retrieve the limits of the PBX, such as the maximum number of extensions and users',
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
		update: put(
			settingsPath,
			'Update the settings of the PBX. Only the fields you add are changed.',
			{
				optional,
				simplifiedFields,
			},
		),
		updateInfo: put(
			infoPath,
			'Update the settings of the PBX through its client_info endpoint. Only the fields you add are changed.',
			{ optional, simplifiedFields, action: 'Update info of client' },
		),
	},
});
