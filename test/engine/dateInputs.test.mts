/**
 * Every input for a date or a time of day, with every form of a date, in n8n's engine: read in the time zone that
 * is given for it, or refused, whatever the time zone of the process.
 */
import { DateTime } from 'luxon';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ROOT } from '../harness/n8n.mts';
import {
	DATE_FORMS,
	INTERVAL_ZONE,
	TIME_FORMS,
	type DateForm,
	type DateInputResult,
	type DateInputResults,
} from './support/dateForms.mts';

/** n8n's default. */
const WORKFLOW_ZONE = 'America/New_York';
const PBX_FORMAT = 'yyyy-MM-dd HH:mm:ss';

const results: Record<string, DateInputResults> = {};
const PROCESS_ZONES = ['UTC', 'America/Los_Angeles', 'Asia/Kolkata'];

beforeAll(async () => {
	await Promise.all(
		PROCESS_ZONES.map(async (zone) => {
			const { stdout } = await promisify(execFile)(
				process.execPath,
				['--import', 'tsx', 'test/engine/support/runDateInputs.mts'],
				{ cwd: ROOT, env: { ...process.env, TZ: zone }, maxBuffer: 10_000_000 },
			);
			results[zone] = JSON.parse(stdout) as DateInputResults;
		}),
	);
}, 600_000);

/** What the PBX should get for a form, by Luxon; null if it is to be refused. */
function expected(kind: DateInputResult['kind'], { local, moment }: DateForm): string | null {
	const ownZone = { dateTime: WORKFLOW_ZONE, column: 'utc' }[kind as string] ?? INTERVAL_ZONE;
	if (local === undefined && moment === undefined) return null;
	const time =
		local === undefined
			? DateTime.fromISO(String(moment), { zone: ownZone })
			: DateTime.fromISO(local, { zone: ownZone });
	if (kind === 'date') return time.toISODate();
	return (kind === 'localDateTime' ? time : time.toUTC()).toFormat(PBX_FORMAT);
}

describe.each(PROCESS_ZONES)('in a process in %s', (zone) => {
	it('every date is read in the time zone that is given for it, or refused before anything is sent', () => {
		for (const { input, kind, sent } of results[zone].inputs) {
			const forms = kind === 'timeOfDay' ? TIME_FORMS : DATE_FORMS;
			const right =
				kind === 'timeOfDay'
					? TIME_FORMS.map(({ time = null }) => time)
					: DATE_FORMS.map((form) => expected(kind, form));
			const byForm = (values: Array<string | null>) =>
				forms.map(({ value }, index) => [value, values[index]]);
			expect([input, byForm(sent)]).toEqual([input, byForm(right)]);
		}
	});
});

it('every input for a date in the description of any node was tried', () => {
	const { declared, inputs } = results.UTC;
	const tried = inputs.map(({ input }) => input.split(/[ .]/).at(-1));
	const notTried = declared.filter((name) => !tried.includes(name.split(' ').at(-1)));
	expect(notTried).toEqual([]);
	expect(inputs.length).toBeGreaterThan(40);
});
