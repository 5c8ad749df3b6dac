import { extraParams } from './common/fields';
import {
	choice,
	choices,
	boolean,
	integer,
	locator,
	text,
	strings,
} from '../../shared/schema/field';
import {
	dialRuleLocator,
	extensionGroupLocator,
	extensionLocator,
} from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const status = choice('status', 'Status', 'Whether calls can be made from and to the extension', [
	{ value: 'active', label: 'Active' },
	{ value: 'blocked', label: 'Blocked' },
]);

const types = [
	{ value: 'conference', label: 'Conference', description: 'A room in which callers meet' },
	{ value: 'fax', label: 'Fax', description: 'Receives faxes' },
	{ value: 'ivr', label: 'IVR', description: 'A voice menu' },
	{ value: 'phone', label: 'Phone', description: 'A phone or softphone of a person' },
	{ value: 'queue', label: 'Queue', description: 'Callers wait for an agent' },
];

const settings = [
	choice(
		'did_as_transfer_caller_id',
		'Caller ID on Transfer',
		'Which number is shown when a call is transferred',
		[
			{ value: 'None', label: 'None' },
			{ value: 'default', label: 'Default' },
			{ value: 'from', label: 'From', description: 'The number of the caller' },
			{ value: 'diversion', label: 'Diversion', description: 'The number that was called' },
		],
	),
	text('caller_id_name', 'Caller ID Name', 'Name shown to the person who is called'),
	integer('dial_rule_limit', 'Dial Rule Limit', 'How many dial rules the extension may have', {
		min: 0,
	}),
	locator(
		'dial_rule_id',
		dialRuleLocator,
		'Dial Rule List',
		'Rules that rewrite the numbers the extension dials',
	),
	locator(
		'extension_group_id',
		extensionGroupLocator,
		'Extension Group',
		'Group the extension belongs to',
	),
	extraParams,
	text('label', 'Label', 'Name of the extension as people see it', {
		placeholder: 'e.g. Reception',
	}),
	text('message_did', 'Message DID', 'Number that text messages are sent from'),
	boolean(
		'ani_rfc3325',
		'Send Caller ID by RFC 3325',
		'Whether the caller ID travels in the P-Asserted-Identity header',
	),
];

const simplifiedFields = [
	'id',
	'name',
	'label',
	'type',
	'status',
	'extension_group_id',
	'caller_id_name',
	'ani',
	'domain',
	'create_date',
];

export const extension = resource({
	label: 'Extension',
	description: 'Phones, queues, voice menus, faxes and conferences of the PBX',
	path: [locator('extension_id', extensionLocator)],
	operations: {
		create: post(
			'/client/{client_id}/extension/',
			'Add a phone, queue, voice menu, fax or conference',
			{
				required: [
					text(
						'name',
						'Name',
						'Number by which the extension is dialed, with or without the prefix of the PBX',
						{
							placeholder: 'e.g. 101',
						},
					),
					choice('type', 'Type', 'What the extension is; it cannot be changed later', types, {
						default: 'phone',
					}),
				],
				optional: [
					...settings,
					{
						...status,
						default: 'blocked',
						description: `${status.description}. The PBX creates a blocked one if you do not say.`,
					},
				],
				simplifiedFields,
			},
		),
		delete: remove('/client/{client_id}/extension/{extension_id}', 'Remove an extension for good'),
		get: get('/client/{client_id}/extension/{extension_id}', 'Retrieve one extension by its ID', {
			simplifiedFields,
		}),
		getMany: list('/client/{client_id}/extension/', 'Retrieve a list of extensions', {
			paged: true,
			simplifiedFields,
			optional: [
				strings('extension_group_id', 'Extension Group IDs', 'Only extensions of these groups'),
				strings('id', 'IDs', 'Only extensions with these IDs'),
				strings(
					'name',
					'Names',
					'Only extensions with these names, as the PBX has them: <code>1844*101</code>',
				),
				choices(
					'status',
					'Statuses',
					'Only extensions with one of these statuses',
					status.choices ?? [],
				),
				choices('type', 'Types', 'Only extensions of these types', types),
			],
		}),
		update: put(
			'/client/{client_id}/extension/{extension_id}',
			'Change settings of an extension; what you do not add stays as it is',
			{ optional: [...settings, status], simplifiedFields },
		),
	},
});
