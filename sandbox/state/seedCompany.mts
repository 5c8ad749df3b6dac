import { wavOf } from './audio.mts';
import { addHistory } from './seedHistory.mts';
import type { Store } from './store.mts';
import { DAY_MS, formatUtc } from './time.mts';
import type { ExtensionType } from './types.mts';

/** The company's extensions, from 101 upwards; `group` is the index of the extension group. */
export const COMPANY_EXTENSIONS: Array<[label: string, type: ExtensionType, group?: number]> = [
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

/** Adds everything except users and extensions: sounds, agents, numbers, schedulers, settings, history. */
export function addCompany(store: Store, now: number): void {
	const extensions = store.extensions.list();
	/** Id of the extension with this index; of the last one if there are fewer. */
	const extensionId = (index: number) => extensions[Math.min(index, extensions.length - 1)].id;

	addSounds(store);
	addAgents(store, extensionId);
	addNumbers(store, extensionId, formatUtc(now - 300 * DAY_MS));
	addSchedulers(store, now);
	addSettings(store, formatUtc(now - 300 * DAY_MS));
	addHistory(store, now);
}

/** Sounds are replaced, never changed, so every reset can use the same. */
const GREETING = wavOf(3, 440);
const HOLD_MUSIC = wavOf(6, 262);

function addSounds(store: Store): void {
	store.sounds.insert({
		client_id: store.client.id,
		dealer_id: null,
		title: 'Greeting',
		filename: 'greeting.wav',
		audio: GREETING,
	});
	const holdMusic = store.sounds.insert({
		client_id: null,
		dealer_id: 7,
		title: 'Music on hold',
		filename: 'hold.wav',
		audio: HOLD_MUSIC,
	});
	store.client.hold_music = holdMusic.id;
}

function addAgents(store: Store, extensionId: (index: number) => number): void {
	const defaults = {
		agent_sound_id: null,
		busy_delay_time: 10,
		no_answer_delay_time: 10,
		call_timeout: 60,
		wrap_up_time: 0,
		reject_delay_time: 10,
		extra_params: null,
	};
	for (const [name, index] of [
		['Sam', 2],
		['Sonia', 3],
		['Sue', 6],
	] as const) {
		store.agents.insert({
			...defaults,
			agent_type: 'local',
			name,
			status: 'available',
			extension_id: extensionId(index),
		});
	}
	for (const [name, number] of [
		['Remo', '447700900101'],
		['Rosa', '447700900102'],
	]) {
		store.agents.insert({
			...defaults,
			agent_type: 'remote',
			name,
			status: 'logged_out',
			number,
		});
	}
}

function addNumbers(
	store: Store,
	extensionId: (index: number) => number,
	create_date: string,
): void {
	const client_id = store.client.id;
	const domain = { id: 12, name: store.client.domain };
	for (const [name, index] of [
		['442079460100', 17],
		['442079460101', 15],
		['442079460102', 16],
	] as const) {
		store.dids.insert({
			client_id,
			name,
			comment: null,
			domain,
			create_date,
			extension_id: extensionId(index),
			message_extension_id: extensionId(0),
			allow_message: true,
		});
	}
	for (const [name, index] of [
		['office', 0],
		['sales', 15],
	] as const) {
		store.aliases.insert({
			client_id,
			name,
			comment: null,
			domain,
			create_date,
			extension_id: extensionId(index),
		});
	}
}

function addSchedulers(store: Store, now: number): void {
	const client_id = store.client.id;
	const office = store.intervals.insert({
		client_id,
		dealer_id: null,
		extension_id: null,
		name: 'Office hours',
		timezone: 'Europe/London',
		conditions: [{ start_dow: 2, end_dow: 6, start_time: '09:00:00', end_time: '18:00:00' }],
	});
	store.intervals.insert({
		client_id,
		dealer_id: null,
		extension_id: null,
		name: 'Round the clock',
		timezone: 'UTC',
		conditions: [{ start_time: '00:00:00', end_time: '23:59:59' }],
	});
	store.taskSchedulers.insert({
		name: 'Spring campaign',
		comment: 'Calls to new customers',
		status: 'on',
		concurrent_task_limit: 5,
		interval_id: null,
		create_date_utc: formatUtc(now - 30 * DAY_MS),
		last_call_date: null,
	});
	store.taskSchedulers.insert({
		name: 'Debt reminders',
		comment: null,
		status: 'off',
		concurrent_task_limit: 2,
		interval_id: office.id,
		create_date_utc: formatUtc(now - 20 * DAY_MS),
		last_call_date: null,
	});
}

function addSettings(store: Store, create_dt: string): void {
	const client_id = store.client.id;
	store.dialRules.insert({
		client_id,
		dealer_id: null,
		name: 'National numbers',
		dial_rules: [{ match_exp: '^0(\\d+)$', repl_exp: '44\\1', comment: 'Leading zero' }],
	});
	store.networkPermissions.insert({
		client_id,
		name: 'Office network',
		network_address: ['192.0.2.0/24'],
		network_count: 1,
	});
	store.callStatuses.insert({
		name: 'Lunch',
		property_list: ['dnd'],
		create_dt,
		dealer_id: null,
		extra_params: {},
	});
	store.variables.insert({ var: 'greeting_name', value: 'Example Trading' });
}
