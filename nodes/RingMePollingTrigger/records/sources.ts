import type { IDataObject } from 'n8n-workflow';

import { call } from '../../RingMe/resources/call';
import { recording } from '../../RingMe/resources/recording';
import { voicemail } from '../../RingMe/resources/voicemail';
import type { Operation } from '../../shared/schema/operation';
import { parseUtc } from '../../shared/time/utc';

/** Records that the PBX lists, and whose new ones start the workflow. */
export interface Source {
	/** Value of 'Trigger On', and `event` in the output. */
	event: string;
	label: string;
	description: string;
	/** Lists the records of a period. */
	list: Operation;
	/** Values of the placeholders in the path of `list`, besides the client. */
	path?: Record<string, string>;
	/** Downloads the audio of a record. */
	download?: Operation;
	/** What a record is called in a message. */
	noun: string;
	/** Property that holds the ID. */
	id: string;
	/** Fields of the simplified output that only these records have, after the common ones. */
	fields: FieldMap;
	/** Whether a record is of an inbound call that nobody answered; undefined if it is not known. */
	isMissed?: (record: IDataObject) => boolean | undefined;
}

/** How a field is read; also the type of the output, for its preview in the editor. */
type Kind = 'text' | 'lowerCase' | 'withoutDomain' | 'number' | 'time';
type FieldMap = Array<[from: string, to: string, kind: Kind]>;

const toText = (value: unknown) =>
	value === null || value === undefined ? undefined : String(value) || undefined;

const PARSERS: Record<Kind, (value: unknown) => IDataObject[string]> = {
	text: toText,
	lowerCase: (value) => toText(value)?.toLowerCase(),
	withoutDomain: (value) => toText(value)?.split('@')[0],
	number: (value) => {
		const text = toText(value);
		return text && Number.isFinite(Number(text)) ? Number(text) : undefined;
	},
	time: (value) => {
		const time = parseUtc(value);
		return time === undefined ? undefined : new Date(time).toISOString();
	},
};

/** The time by which the PBX lists the records of a period: the beginning of the call. */
export const TIME_FIELD = 'init_time_gmt';

/** Recordings, voicemails and calls have these fields in common. The first value found is used. */
const COMMON_FIELDS: FieldMap = [
	[TIME_FIELD, 'time', 'time'],
	['flow', 'direction', 'lowerCase'],
	['result', 'status', 'text'],
	['from_username', 'from', 'text'],
	['source_number', 'from', 'text'],
	['from_screen_name', 'fromName', 'text'],
	['to_username', 'to', 'text'],
	['dest_number', 'to', 'text'],
	['did_number', 'did', 'text'],
	['extension_name', 'extension', 'withoutDomain'],
	['extension_id', 'extensionId', 'number'],
	['duration', 'duration', 'number'],
];

export const SOURCES: Source[] = [
	{
		event: 'call',
		label: 'New Call',
		description: 'A call is over, answered or not',
		list: call.operations.getMany,
		path: { call_list: 'calls' },
		noun: 'call',
		id: 'call_uuid',
		fields: [
			['bridged_duration', 'bridgedDuration', 'number'],
			['bridged_username', 'answeredBy', 'text'],
			['call_uuid', 'callId', 'text'],
		],
		isMissed: ({ flow, bridged_duration: bridged }) =>
			flow === 'in' && bridged !== undefined ? !bridged : undefined,
	},
	{
		event: 'recording',
		label: 'New Recording',
		description: 'A call was recorded, and its recording can be downloaded',
		list: recording.operations.getMany,
		download: recording.operations.download,
		noun: 'recording',
		id: 'record_uuid',
		fields: [
			['record_file_size', 'fileSize', 'number'],
			['record_uuid', 'recordId', 'text'],
			['call_uuid', 'callId', 'text'],
		],
	},
	{
		event: 'voicemail',
		label: 'New Voicemail',
		description: 'A caller left a voicemail',
		list: voicemail.operations.getMany,
		download: voicemail.operations.download,
		noun: 'voicemail',
		id: 'record_uuid',
		fields: [
			['record_file_size', 'fileSize', 'number'],
			['record_uuid', 'recordId', 'text'],
			['call_uuid', 'callId', 'text'],
		],
	},
];

/** A new workflow watches recordings. */
export const DEFAULT_EVENT = 'recording';

/** The source for a value of 'Trigger On'. */
export const findSource = (event: unknown) => SOURCES.find((source) => source.event === event);

/** The fields of the simplified output, with their types in JSON. */
export const outputFields = ({ fields, isMissed }: Source) => [
	...[...COMMON_FIELDS, ...fields].map(([, name, kind]) => ({
		name,
		type: kind === 'number' ? kind : 'string',
	})),
	...(isMissed ? [{ name: 'missed', type: 'boolean' }] : []),
];

/**
 * The simplified output of a record, under the names that RingMe Trigger uses: ISO 8601 time,
 * durations in seconds, direction in lower case, the extension without its domain. Fields that are
 * missing or unreadable are omitted.
 */
export function simplify({ event, fields, isMissed }: Source, record: IDataObject): IDataObject {
	const output: IDataObject = { event };
	for (const [from, to, kind] of [...COMMON_FIELDS, ...fields]) {
		if (to in output) continue;
		const value = PARSERS[kind](record[from]);
		if (value !== undefined) output[to] = value;
	}
	const missed = isMissed?.(record);
	return missed === undefined ? output : { ...output, missed };
}
