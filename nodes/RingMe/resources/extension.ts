import type { IDataObject } from 'n8n-workflow';

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
	dialRuleListLocator,
	extensionGroupLocator,
	extensionLocator,
	registrationLocator,
} from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';
import { isRecord } from '../../shared/transport/records';

const status = choice('status', 'Status', 'Whether the extension can make and receive calls', [
	{ value: 'active', label: 'Active' },
	{ value: 'blocked', label: 'Blocked' },
]);

const types = [
	{ value: 'conference', label: 'Conference', description: 'Room for conference calls' },
	{ value: 'fax', label: 'Fax', description: 'Receives faxes' },
	{ value: 'ivr', label: 'IVR', description: 'Voice menu for callers' },
	{ value: 'phone', label: 'Phone', description: 'Desk phone or softphone of a person' },
	{ value: 'queue', label: 'Queue', description: 'Callers wait until an agent is available' },
];

const settings = [
	choice(
		'did_as_transfer_caller_id',
		'Caller ID on Transfer',
		'Number to show as the caller ID of a transferred call',
		[
			{ value: 'None', label: 'None' },
			{ value: 'default', label: 'Default' },
			{ value: 'from', label: 'From', description: 'Number of the caller' },
			{ value: 'diversion', label: 'Diversion', description: 'Number that the caller dialed' },
		],
	),
	text('caller_id_name', 'Caller ID Name', 'Name shown to the called party as the caller ID', {
		clearable: true,
	}),
	integer('dial_rule_limit', 'Dial Rule Limit', 'Maximum number of dial rules for the extension', {
		min: 0,
	}),
	locator(
		'dial_rule_id',
		dialRuleListLocator,
		'Dial Rule List',
		'Dial rule list for the numbers that the extension dials',
		{ clearable: true },
	),
	locator(
		'extension_group_id',
		extensionGroupLocator,
		'Extension Group',
		'Extension group to which the extension belongs',
		{ clearable: true },
	),
	extraParams,
	text('label', 'Label', 'Display name of the extension', {
		placeholder: 'e.g. Reception',
		clearable: true,
	}),
	text('message_did', 'Text Message DID', 'DID from which text messages (SMS) are sent', {
		clearable: true,
	}),
	boolean(
		'ani_rfc3325',
		'Send P-Asserted-Identity',
		'Whether to send the caller ID in the P-Asserted-Identity header (RFC 3325)',
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

const collectionPath = '/client/{client_id}/extension/';
const itemPath = '/client/{client_id}/extension/{extension_id}';

/**
 * The devices in the registrations of an extension; without a registered one, the PBX returns those that
 * expired last. Undefined for another body.
 */
function devicesIn(body: unknown): IDataObject[] | undefined {
	const devices: unknown = isRecord(body) ? body.registrations : body;
	return Array.isArray(devices) && devices.every(isRecord) ? devices : undefined;
}

const isWithoutDevice = (body: unknown) => isRecord(body) && body.registered === false;

const registeredDevices = (body: unknown) => (isWithoutDevice(body) ? [] : devicesIn(body));

/** The registrations, in which expired devices are marked. */
function markExpired(body: unknown): IDataObject[] | undefined {
	if (!isRecord(body)) return undefined;
	const devices = devicesIn(body);
	if (!isWithoutDevice(body) || !devices) return [body];
	return [{ ...body, registrations: devices.map((device) => ({ ...device, expired: true })) }];
}

export const extension = resource({
	label: 'Extension',
	description: 'Internal numbers of the PBX: phones, queues, IVRs, faxes and conferences',
	path: [
		locator('extension_id', extensionLocator),
		locator('registration_id', registrationLocator),
	],
	operations: {
		create: post(
			collectionPath,
			"Create an extension: a phone, queue, IVR, fax or conference. It is blocked unless 'Status' is Active.",
			{
				required: [
					text('name', 'Name', 'Number of the extension, with or without the prefix of the PBX', {
						placeholder: 'e.g. 101',
					}),
					choice('type', 'Type', 'Type of the extension. It cannot be changed later.', types, {
						default: 'phone',
					}),
				],
				optional: [
					...settings,
					{
						...status,
						default: 'blocked',
						description: `${status.description}. New extensions are blocked by default.`,
					},
				],
				simplifiedFields,
			},
		),
		delete: remove(itemPath, 'Delete an extension permanently'),
		get: get(itemPath, 'Retrieve an extension', {
			simplifiedFields,
		}),
		getMany: list(collectionPath, 'Retrieve a list of extensions', {
			paged: true,
			simplifiedFields,
			optional: [
				strings(
					'extension_group_id',
					'Extension Group IDs',
					'Return only extensions in these extension groups',
					{ commas: 'separate' },
				),
				strings('id', 'IDs', 'Return only extensions with these IDs'),
				strings(
					'name',
					'Names',
					'Return only extensions with these names. The name includes the prefix of the PBX.',
					{ placeholder: 'e.g. 1844*101', commas: 'separate' },
				),
				choices(
					'status',
					'Statuses',
					'Return only extensions with one of these statuses',
					status.choices ?? [],
				),
				choices('type', 'Types', 'Return only extensions of these types', types),
			],
		}),
		getDevices: list(
			'/extension/{extension_id}/registration/',
			'Retrieve a list of the devices that are registered as an extension of type phone. None if the phone is not connected.',
			{ parse: registeredDevices, action: 'Get devices of extension' },
		),
		getRegistrations: get(
			'/extension/{extension_id}/registration/',
			'Retrieve whether the phone of an extension is connected, with its devices. If it is not connected, those that were connected last are marked as expired.',
			{ parse: markExpired, action: 'Get registrations of extension' },
		),
		logOutAllDevices: remove(
			'/extension/{extension_id}/registration/',
			'Log out all devices of an extension. They can register again.',
			{ action: 'Log out all devices of extension' },
		),
		logOutDevice: remove(
			'/extension/{extension_id}/registration/{registration_id}',
			'Log out a device of an extension. It can register again.',
			{ action: 'Log out device of extension' },
		),
		update: put(itemPath, 'Update an extension. Only the fields you add are changed.', {
			optional: [...settings, status],
			simplifiedFields,
		}),
	},
});
