/** Ways to write dates and times, with their meaning. All are of 2036, so that a call can begin at them. */

export interface DateForm {
	/** The value of the item's field `value`. */
	value: string | number | boolean | null;
	/** The expression in the input; default: the field as it is. */
	expression?: string;
	/** What a clock in the time zone of the workflow or the interval shows. */
	local?: string;
	/** The moment that it is, whatever the time zone. */
	moment?: string;
}

const OF_ITEM = '={{ $json.value }}';
export const expressionOf = ({ expression = OF_ITEM }: DateForm) => expression;

/** Those with neither meaning are refused. */
export const DATE_FORMS: DateForm[] = [
	{ value: '2036-05-31T09:05:00', local: '2036-05-31T09:05:00' },
	{ value: '2036-05-31 9:05:00', local: '2036-05-31T09:05:00' },
	{ value: '2036-05-31 0:00', local: '2036-05-31T00:00:00' },
	{ value: '2036-05-31 24:00', local: '2036-06-01T00:00:00' },
	{ value: '2036-05-31', local: '2036-05-31T00:00:00' },
	{ value: ' 2036-05-31\u00a018:00\u200b', local: '2036-05-31T18:00:00' },
	{ value: 'May 31, 2036 18:00', local: '2036-05-31T18:00:00' },
	{ value: '31 May 2036 6:00 PM', local: '2036-05-31T18:00:00' },
	{ value: '31.05.2036 18:00', local: '2036-05-31T18:00:00' },
	{ value: '2036/5/31 18:00', local: '2036-05-31T18:00:00' },
	{ value: '2036-05-30T21:00Z', moment: '2036-05-30T21:00:00Z' },
	{ value: '2036-05-30T23:30:00.000-05:30', moment: '2036-05-31T05:00:00Z' },
	{ value: 'Sat, 31 May 2036 03:00:00 +0900', moment: '2036-05-30T18:00:00Z' },
	{
		value: '2036-05-30T21:00:00Z',
		expression: '={{ new Date($json.value) }}',
		moment: '2036-05-30T21:00:00Z',
	},
	{
		value: '2036-05-30T21:00:00Z',
		expression: "={{ DateTime.fromISO($json.value, { zone: 'Asia/Tokyo' }) }}",
		moment: '2036-05-30T21:00:00Z',
	},
	{ value: '2036-02-30' },
	{ value: '2036-05-31 25:00' },
	{ value: '05/06/2036' },
	{ value: '05-06-2036 10:00' },
	{ value: '2036-W22-6' },
	{ value: '2036-152' },
	{ value: '2036' },
	{ value: '18:00' },
	{ value: 'May 31' },
	{ value: 'May 2036' },
	{ value: 'tomorrow' },
	{ value: 'Sat May 31 2036 18:00:00 EST' },
	{ value: 49826 },
	{ value: '49826.75' },
	{ value: 2_095_947_000 },
	{ value: 2_095_947_000_000 },
	{ value: true },
];

export const TIME_FORMS: Array<{ value: string | number; time?: string }> = [
	{ value: '9:00', time: '09:00' },
	{ value: ' 09:00\u00a0', time: '09:00' },
	{ value: '18:30:15', time: '18:30:15' },
	{ value: '6:30 pm', time: '18:30' },
	{ value: '24:00' },
	{ value: '9' },
	{ value: '9.30' },
	{ value: '0900' },
	{ value: 0.375 },
	{ value: '2036-05-31T09:00:00' },
	{ value: 'nine' },
];

/** The time zone of intervals: neither that of the workflow nor of a process. */
export const INTERVAL_ZONE = 'Asia/Tokyo';

/** The results of `runDateInputs.mts`. */
export interface DateInputResults {
	/** Every input for a date or a time of day in the descriptions of all nodes: `recording.getMany startDatetime`. */
	declared: string[];
	inputs: DateInputResult[];
}

export interface DateInputResult {
	input: string;
	kind: 'dateTime' | 'date' | 'localDateTime' | 'timeOfDay' | 'column';
	/** What was sent for each of the forms; null if nothing was. */
	sent: Array<string | null>;
}
