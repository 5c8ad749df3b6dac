import type { Locator } from './fields';

/** The records that can be picked, and how a person knows them. */

const numbered = (label: string, example: string, list?: Locator['list']): Locator => ({
	label,
	example,
	numeric: true,
	list,
});

const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));

const byName = ({ name, id }: Record<string, unknown>) => text(name) || text(id);

/** `1844*101` → `101`: people know the number without the prefix of the PBX. */
export const shortNumber = (name: unknown) => text(name).replace(/^.*\*/, '');

export const dialRuleLocator = numbered('Dial Rule List', '77', { of: 'dialRule', show: byName });

export const extensionLocator = numbered('Extension', '85219', {
	of: 'extension',
	show: ({ name, label }) => `${shortNumber(name)} ${text(label)}`.trim(),
});

export const extensionGroupLocator = numbered('Extension Group', '310', {
	of: 'extensionGroup',
	show: byName,
});

export const intervalLocator = numbered('Interval', '12', { of: 'interval', show: byName });

export const schedulerLocator: Locator = {
	label: 'Task Scheduler',
	example: '7',
	numeric: false,
};

export const taskLocator = numbered('Task', '10543');

const uuid = (label: string, list?: Locator['list']): Locator => ({
	label,
	example: '85219-0a1b2c3d4e5f60718293a4b5c6d7e8f9',
	numeric: false,
	list,
});

export const faxLocator = uuid('Fax');

export const voicemailLocator = uuid('Voicemail');

const DAY_MS = 86_400_000;

const stamp = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ');

/** The recordings of the last week, newest first: `12 Nov, 14:05: +79161112233 → 101, 2:14`. */
export const recordingLocator = uuid('Recording', {
	of: 'recording',
	id: 'record_uuid',
	query: () => ({
		start_datetime: stamp(Date.now() - 7 * DAY_MS),
		end_datetime: stamp(Date.now()),
		order: 'desc',
	}),
	show: (record, zone) => {
		const from = shortNumber(record.from_username ?? record.source_number);
		const to = shortNumber(record.to_username ?? record.dest_number);
		return `${localTime(record.init_time_gmt, zone)}: ${from} → ${to}, ${length(record.duration)}`;
	},
});

/** A time of the PBX (UTC, fractions after a point or a comma) on a person's clock: `12 Nov, 14:05`. */
function localTime(gmt: unknown, timeZone: string) {
	const moment = new Date(`${text(gmt).slice(0, 19).replace(' ', 'T')}Z`);
	if (Number.isNaN(moment.getTime())) return text(gmt);
	return new Intl.DateTimeFormat('en-GB', {
		timeZone,
		day: 'numeric',
		month: 'short',
		hour: '2-digit',
		minute: '2-digit',
	}).format(moment);
}

/** Seconds as `2:14`. */
function length(seconds: unknown) {
	const whole = Math.round(Number(seconds) || 0);
	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export const soundLocator = numbered('Sound', '512', {
	of: 'sound',
	show: ({ title, filename, id }) => text(title) || text(filename) || text(id),
});

export const phoneEventLocator = numbered('Phone Event', '9001', {
	of: 'phoneEvent',
	show: ({ event_type, url }) => `${phoneEventName(event_type)} → ${text(url)}`,
});

export const sessionLocator: Locator = {
	label: 'Session',
	example: '5f2b8c',
	numeric: false,
	list: {
		of: 'oauthSession',
		show: ({ user_id, app_id, expires }, zone) =>
			`User ${text(user_id)}, application ${text(app_id)}, until ${localTime(expires, zone)}`,
	},
};

/** What the PBX tells of, as a person calls it. */
export const phoneEvents = [
	{ value: 'answer', label: 'Call Answered' },
	{ value: 'hangup', label: 'Call Ended' },
	{ value: 'dial-in', label: 'Incoming Call' },
	{ value: 'message-in', label: 'Message Received' },
	{ value: 'message-out', label: 'Message Sent' },
	{ value: 'dial-out', label: 'Outgoing Call' },
	{ value: 'voicemail', label: 'Voicemail Received' },
];

const phoneEventName = (type: unknown) => labelIn(phoneEvents, type);

const labelIn = (choices: Array<{ value: string; label: string }>, given: unknown) =>
	choices.find(({ value }) => value === given)?.label ?? text(given);

export const aliasLocator = numbered('Alias', '41', {
	of: 'alias',
	show: ({ name, comment }) => `${text(name)} ${text(comment)}`.trim(),
});

/** Names are numbers; those with a country code get their plus. */
export const didLocator = numbered('DID', '5120', {
	of: 'did',
	show: ({ name, comment }) =>
		`${text(name).replace(/^(?=\d{10,15}$)/, '+')} ${text(comment)}`.trim(),
});

export const agentLocator = numbered('Agent', '64', {
	of: 'agent',
	show: ({ name, number }) => (number ? `${text(name)} (${text(number)})` : text(name)),
});

export const agentEventLocator = numbered('Agent Event', '90', {
	of: 'agentEvent',
	show: ({ event_type, url }) => `${labelIn(agentEvents, event_type)} → ${text(url)}`,
});

/** What the PBX tells of an agent. */
export const agentEvents = [
	{ value: 'agent-login', label: 'Agent Logged In' },
	{ value: 'agent-logout', label: 'Agent Logged Out' },
];

export const callStatusLocator = numbered('Call Status', '3', { of: 'callStatus', show: byName });

export const networkPermissionLocator = numbered('Network Permission', '15', {
	of: 'networkPermission',
	show: byName,
});

export const userLocator = numbered('User', '2208', {
	of: 'user',
	show: ({ name, login }) => `${text(name)} (${text(login)})`,
});
