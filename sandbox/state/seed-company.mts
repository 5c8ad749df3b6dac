import { toGmt } from '../telephony/time.mts';
import { wavOf } from './audio.mts';
import { addPast } from './seed-past.mts';
import type { Store } from './store.mts';
import type { ExtensionType } from './types.mts';

const DAY = 86_400_000;

/** The company's extensions, 101 onwards; `group` counts the extension groups. */
export const STAFF: Array<[label: string, type: ExtensionType, group?: number]> = [
	['Reception', 'phone'],
	['Director', 'phone'],
	['Sales 1', 'phone', 0],
	['Sales 2', 'phone', 0],
	['Sales 3', 'phone', 0],
	['Sales 4', 'phone', 0],
	['Support 1', 'phone', 1],
	['Support 2', 'phone', 1],
	['Support 3', 'phone', 1],
	['Support 4', 'phone', 1],
	['Accounting', 'phone'],
	['Warehouse', 'phone'],
	['Delivery', 'phone'],
	['Human Resources', 'phone'],
	['Meeting Room', 'phone'],
	['Sales Queue', 'queue', 0],
	['Support Queue', 'queue', 1],
	['Main Menu', 'ivr'],
	['Fax', 'fax'],
	['Conference', 'conference'],
];

/** Everything but users and extensions: sounds, agents, numbers, schedulers, settings and the past. */
export function addCompany(store: Store, now: number): void {
	const list = store.extensions.list();
	const at = (index: number) => list[Math.min(index, list.length - 1)].id;
	const client_id = store.client.id;
	const own = { client_id, dealer_id: null };
	const domain = { id: 12, name: store.client.domain };
	const created = toGmt(now - 300 * DAY);

	store.sounds.insert({
		...own,
		title: 'Greeting',
		filename: 'greeting.wav',
		audio: wavOf(3, 440),
	});
	store.client.hold_music = store.sounds.insert({
		...{ client_id: null, dealer_id: 7 },
		...{ title: 'Music on hold', filename: 'hold.wav', audio: wavOf(6, 262) },
	}).id;

	const agent = {
		...({ status: 'available', agent_sound_id: null, busy_delay_time: 10 } as const),
		...{ no_answer_delay_time: 10, call_timeout: 60, wrap_up_time: 0 },
		...{ reject_delay_time: 10, extra_params: null },
	};
	for (const [name, index] of [
		['Sam', 2],
		['Sonia', 3],
		['Sue', 6],
	] as const) {
		store.agents.insert({ ...agent, agent_type: 'local', name, extension_id: at(index) });
	}
	for (const [name, number] of [
		['Remo', '447700900101'],
		['Rosa', '447700900102'],
	]) {
		store.agents.insert({ ...agent, agent_type: 'remote', name, number, status: 'logged_out' });
	}

	for (const [name, index] of [
		['442079460100', 17],
		['442079460101', 15],
		['442079460102', 16],
	] as const) {
		store.dids.insert({
			...{ client_id, name, comment: null, domain, create_date: created },
			...{ extension_id: at(index), message_extension_id: at(0), allow_message: true },
		});
	}
	for (const [name, index] of [
		['office', 0],
		['sales', 15],
	] as const) {
		store.aliases.insert({
			...{ client_id, name, comment: null, domain, create_date: created },
			extension_id: at(index),
		});
	}

	const office = store.intervals.insert({
		...{ ...own, extension_id: null, name: 'Office hours', timezone: 'Europe/London' },
		conditions: [{ start_dow: 2, end_dow: 6, start_time: '09:00:00', end_time: '18:00:00' }],
	});
	store.intervals.insert({
		...{ ...own, extension_id: null, name: 'Round the clock', timezone: 'UTC' },
		conditions: [{ start_time: '00:00:00', end_time: '23:59:59' }],
	});
	store.taskSchedulers.insert({
		...{ name: 'Spring campaign', comment: 'Calls to new customers', status: 'on' },
		...{ concurrent_task_limit: 5, interval_id: null },
		...{ create_date_utc: toGmt(now - 30 * DAY), last_call_date: null },
	});
	store.taskSchedulers.insert({
		...{ name: 'Debt reminders', comment: null, status: 'off' },
		...{ concurrent_task_limit: 2, interval_id: office.id },
		...{ create_date_utc: toGmt(now - 20 * DAY), last_call_date: null },
	});

	store.dialRules.insert({
		...{ ...own, name: 'National numbers' },
		dial_rules: [{ match_exp: '^0(\\d+)$', repl_exp: '44\\1', comment: 'Leading zero' }],
	});
	store.networkPermissions.insert({
		...{ client_id, name: 'Office network' },
		...{ network_address: ['192.0.2.0/24'], network_count: 1 },
	});
	store.callStatuses.insert({
		...{ name: 'Lunch', property_list: ['dnd'], create_dt: created },
		...{ dealer_id: null, extra_params: {} },
	});
	store.variables.insert({ var: 'greeting_name', value: 'Example Trading' });
	addPast(store, now);
}
