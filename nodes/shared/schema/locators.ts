// References to records of the PBX, with the display name of each record in a list.

import { formatUtc, parseUtc } from '../time/utc';
import type { Locator } from './field';

const idLocator = (label: string, example: string, list?: Locator['list']): Locator => ({
	label,
	example,
	numeric: true,
	list,
});

const toText = (value: unknown) => (value === null || value === undefined ? '' : String(value));

const byName = ({ name, id }: Record<string, unknown>) => toText(name) || toText(id);

/** An extension number without the prefix of the PBX: `1844*101` → `101`. */
export const shortNumber = (name: unknown) => toText(name).replace(/^.*\*/, '');

export const dialRuleListLocator = idLocator('Dial Rule List', '77', {
	resource: 'dialRuleList',
	format: byName,
});

const extensionName = ({ name, label }: Record<string, unknown>) =>
	`${shortNumber(name)} ${toText(label)}`.trim();

export const extensionLocator = idLocator('Extension', '85219', {
	resource: 'extension',
	format: extensionName,
});

/** An extension by its number, with which a call is transferred. */
export const extensionNumberLocator: Locator = {
	label: 'Extension',
	example: '101',
	numeric: false,
	list: {
		resource: 'extension',
		name: 'extensionNumber',
		id: 'name',
		format: extensionName,
	},
};

export const extensionGroupLocator = idLocator('Extension Group', '310', {
	resource: 'extensionGroup',
	format: byName,
});

export const intervalLocator = idLocator('Interval', '12', {
	resource: 'interval',
	format: byName,
});

export const schedulerLocator: Locator = {
	label: 'Task Scheduler',
	example: '7',
	numeric: false,
};

export const taskLocator = idLocator('Task', '10543');

const uuidLocator = (label: string, list?: Locator['list']): Locator => ({
	label,
	example: '85219-0a1b2c3d4e5f60718293a4b5c6d7e8f9',
	numeric: false,
	list,
});

export const faxLocator = uuidLocator('Fax');

const DAY_MS = 86_400_000;

/** It ends a day ahead: if n8n's clock is late, the newest records would be missing. */
const lastWeek = () => ({
	start_datetime: formatUtc(Date.now() - 7 * DAY_MS),
	end_datetime: formatUtc(Date.now() + DAY_MS),
	order: 'desc',
});

/** `12 Nov, 14:05: +79161112233 → 101, 2:14` */
const formatCall = (record: Record<string, unknown>, zone: string) => {
	const from = shortNumber(record.from_username ?? record.source_number);
	const to = shortNumber(record.to_username ?? record.dest_number);
	return `${localTime(record.init_time_gmt, zone)}: ${from} → ${to}, ${formatDuration(record.duration)}`;
};

/** The recordings of the last week, newest first. */
export const recordingLocator = uuidLocator('Recording', {
	resource: 'recording',
	id: 'record_uuid',
	query: lastWeek,
	format: formatCall,
});

/** The voicemails of the last week, newest first. */
export const voicemailLocator = uuidLocator('Voicemail', {
	resource: 'voicemail',
	id: 'record_uuid',
	query: lastWeek,
	format: formatCall,
});

/** The calls of the last week, newest first. Those without a connection end with `, not connected`. */
export const pastCallLocator: Locator = {
	label: 'Call',
	example: '262077ef325f4868aa49bf22309229f7',
	numeric: false,
	list: {
		resource: 'call',
		id: 'call_uuid',
		query: lastWeek,
		format: (record, zone) =>
			formatCall(record, zone) + (record.bridged_duration === null ? ', not connected' : ''),
	},
};

/** The calls in progress of the extension: `101 ↔ +79161112233, 2:14`, or `ringing` instead of the time. */
export const activeCallLocator: Locator = {
	label: 'Active Call',
	example: '3584709739-262077ef-325f-4868-aa49-bf22309229f7',
	numeric: false,
	list: {
		resource: 'call',
		operation: 'getManyActiveOfExtension',
		id: 'call_api_id',
		format: ({ call_flow, caller_id_number, called_number, answer_time_gmt }) => {
			const parties = [caller_id_number, called_number].map(shortNumber);
			const [own, other] = toText(call_flow).toLowerCase() === 'out' ? parties : parties.reverse();
			const answered = parseUtc(answer_time_gmt);
			const length =
				answered === undefined
					? 'ringing'
					: formatDuration(Math.max(0, Date.now() - answered) / 1000);
			return `${own} ↔ ${other}, ${length}`;
		},
	},
};

export const registrationLocator: Locator = {
	label: 'Device',
	example: '5f2b8c',
	numeric: false,
	list: {
		resource: 'extension',
		operation: 'getDevices',
		id: 'registration_id',
		format: ({ device, real_address, registration_id }) =>
			`${toText(device) || toText(registration_id)} ${toText(real_address)}`.trim(),
	},
};

/** `12 Nov, 14:05: +79161112233 → 74959998877: When do you open?` */
export const messageLocator: Locator = {
	label: 'Message',
	example: '5f2b8c',
	numeric: false,
	list: {
		resource: 'message',
		format: ({ init_time_gmt, src_num, dst_num, text }, zone) => {
			const parties = `${toText(src_num)} → ${toText(dst_num)}`;
			return `${localTime(init_time_gmt, zone)}: ${parties}: ${toText(text).slice(0, 60)}`;
		},
	},
};

/** A UTC time of the PBX in a time zone: `12 Nov, 14:05`. */
function localTime(gmt: unknown, timeZone: string) {
	const moment = parseUtc(gmt);
	if (moment === undefined) return toText(gmt);
	return new Intl.DateTimeFormat('en-GB', {
		timeZone,
		day: 'numeric',
		month: 'short',
		hour: '2-digit',
		minute: '2-digit',
	}).format(moment);
}

/** Seconds as `2:14`. */
function formatDuration(seconds: unknown) {
	const whole = Math.round(Number(seconds) || 0);
	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const soundName = ({ title, filename, id }: Record<string, unknown>) =>
	toText(title) || toText(filename) || toText(id);

export const soundLocator = idLocator('Sound', '512', {
	resource: 'sound',
	format: soundName,
});

/** A sound by the name of its file, with which a voice menu plays it. */
export const soundFileLocator: Locator = {
	label: 'Sound',
	example: 'greeting.wav',
	numeric: false,
	list: {
		resource: 'sound',
		name: 'soundFile',
		id: 'filename',
		format: soundName,
	},
};

const formatPhoneEvent = ({ event_type, url }: Record<string, unknown>) =>
	`${labelOf(phoneEvents, event_type)} → ${toText(url)}`;

export const phoneEventLocator = idLocator('Phone Event', '9001', {
	resource: 'phoneEvent',
	format: formatPhoneEvent,
});

export const extensionEventLocator = idLocator('Extension Event', '8001', {
	resource: 'extensionEvent',
	format: formatPhoneEvent,
});

export const sessionLocator: Locator = {
	label: 'Session',
	example: '5f2b8c',
	numeric: false,
	list: {
		resource: 'oauthSession',
		format: ({ user_id, app_id, expires }, zone) =>
			`User ${toText(user_id)}, application ${toText(app_id)}, expires ${localTime(expires, zone)}`,
	},
};

/** Event types of phones, in alphabetical order of their labels. */
export const phoneEvents = [
	{ value: 'answer', label: 'Call Answered' },
	{ value: 'hangup', label: 'Call Ended' },
	{ value: 'dial-in', label: 'Inbound Call' },
	{ value: 'dial-out', label: 'Outbound Call' },
	{ value: 'message-in', label: 'Text Message Received' },
	{ value: 'message-out', label: 'Text Message Sent' },
	{ value: 'voicemail', label: 'Voicemail Received' },
];

const labelOf = (choices: Array<{ value: string; label: string }>, selected: unknown) =>
	choices.find(({ value }) => value === selected)?.label ?? toText(selected);

export const aliasLocator = idLocator('Alias', '41', {
	resource: 'alias',
	format: ({ name, comment }) => `${toText(name)} ${toText(comment)}`.trim(),
});

/** The name of a DID is its number. One with a country code is shown with a plus. */
export const didLocator = idLocator('DID', '5120', {
	resource: 'did',
	format: ({ name, comment }) =>
		`${toText(name).replace(/^(?=\d{10,15}$)/, '+')} ${toText(comment)}`.trim(),
});

export const agentLocator = idLocator('Agent', '64', {
	resource: 'agent',
	format: ({ name, number }) => (number ? `${toText(name)} (${toText(number)})` : toText(name)),
});

export const agentEventLocator = idLocator('Agent Event', '90', {
	resource: 'agentEvent',
	format: ({ event_type, url }) => `${labelOf(agentEvents, event_type)} → ${toText(url)}`,
});

/** Event types of agents. */
export const agentEvents = [
	{ value: 'agent-login', label: 'Agent Logged In' },
	{ value: 'agent-logout', label: 'Agent Logged Out' },
];

export const callStatusLocator = idLocator('Call Status', '3', {
	resource: 'callStatus',
	format: byName,
});

export const networkPermissionLocator = idLocator('Network Permission', '15', {
	resource: 'networkPermission',
	format: byName,
});

export const userLocator = idLocator('User', '2208', {
	resource: 'user',
	format: ({ name, login }) => `${toText(name)} (${toText(login)})`,
});
