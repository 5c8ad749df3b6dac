import { toGmt } from '../telephony/time.mts';
import { addCompany, STAFF } from './seed-company.mts';
import { createStore } from './store.mts';
import type { Store } from './store.mts';
import type { Client, Extension, Limits } from './types.mts';

/** Fictional throughout: the numbers are of ranges kept free for drama, the names are nobody's. */

const DAY = 86_400_000;
const DOMAIN = 'pbx.example.com';
export const CLIENT_ID = 4321;
const PREFIX = '1844';

export interface SeedOptions {
	seed: 'company' | 'empty';
	/** Number of extensions, 0 for the company's own. */
	extensions: number;
	/** PBX time in ms; the past (records, creation dates) is counted back from here. */
	now: number;
}

const LIMITS: Limits = {
	disk_quota: 10_240,
	ivr_option_limit: 100,
	dial_rule_limit: 100,
	user_extension_group_limit: 100,
	extension_agent_limit: 200,
	ivr_rule_limit: 100,
	sound_limit: 200,
	application_limit: 20,
	user_client_limit: 100,
	extension_group_limit: 100,
	user_extension_limit: 500,
	calls_limit: 50,
	network_permission_limit: 50,
	remote_agent_limit: 200,
	interval_limit: 100,
	event_limit: 100,
	extension_limit: 20_000,
	incom_rule_limit: 100,
	ivr_context_limit: 100,
	reg_limit: 0,
};

/** A store with a company in it (or next to nothing). */
export function seedStore(options: SeedOptions): Store {
	const store = createStore(clientOf(options.now), { ...LIMITS });
	fillStore(store, options);
	return store;
}

/** Fills an empty store. */
export function fillStore(store: Store, options: SeedOptions): void {
	Object.assign(store, { client: clientOf(options.now), limits: { ...LIMITS } });
	const full = options.seed === 'company';
	addUsers(store, full);
	if (full) {
		for (const name of ['Sales', 'Support']) {
			store.extensionGroups.insert({ client_id: CLIENT_ID, name, extra_params: null });
		}
	}
	addExtensions(store, options);
	if (full) addCompany(store, options.now);
}

function clientOf(now: number): Client {
	return {
		id: CLIENT_ID,
		name: 'Example Trading Ltd',
		type: 'company',
		domain: DOMAIN,
		domain_prefix: '84',
		prefix: PREFIX,
		extension_len: 3,
		create_date: toGmt(now - 700 * DAY),
		email: 'office@example.com',
		presence: null,
		ambassadors: null,
		contact_phones: '+442079460100',
		fact_address: '1 Example Street, London',
		jur_address: '1 Example Street, London',
		language: 'en',
		timezone: 'Europe/London',
		hold_music: null,
		sip_network_permission_id: null,
		dial_rule_id: null,
		disk_space_notify_email: 'office@example.com',
		disk_space_notify_threshold: 90,
		record_stereo: false,
		record_format: 'mp3',
		reg_status_log: false,
		short_local_caller_id: null,
		did_as_transfer_caller_id: 'default',
		geo_list: null,
		extra_params: null,
		call_interactive_url: null,
		call_interactive_method: 'GET',
		call_interactive_timeout: 10,
		call_interactive_out_call: false,
		ani: '442079460100',
	};
}

function addUsers(store: Store, full: boolean): void {
	const base = {
		client_id: CLIENT_ID,
		extension_id: null,
		extension_group_id: null,
		password: 'sandbox-password',
		status: 'active',
		access: 'full',
		comment: null,
		timezone: 'Europe/London',
		extra_params: null,
	} as const;
	const email = (login: string) => `${login}@example.com`;
	store.users.insert({
		...base,
		kind: 'client',
		login: 'admin',
		name: 'Ann Admin',
		email: email('admin'),
	});
	store.users.insert({
		...{ ...base, kind: 'client', login: 'viewer', name: 'Victor Viewer' },
		...{ email: email('viewer'), access: 'read_only' },
	});
	if (!full) return;
	for (const [login, name, extension_id] of [
		['reception', 'Rita Reception', 85201],
		['sales1', 'Sam Sales', 85203],
		['support1', 'Sue Support', 85207],
	] as const) {
		store.users.insert({
			...base,
			kind: 'extension',
			login,
			name,
			email: email(login),
			extension_id,
		});
	}
	store.users.insert({
		...{ ...base, kind: 'extension_group', login: 'saleslead', name: 'Lea Lead' },
		...{ email: email('saleslead'), extension_group_id: 71 },
	});
}

function addExtensions(store: Store, { seed, extensions, now }: SeedOptions): void {
	const company = seed === 'company';
	const count = extensions || (company ? STAFF.length : 2);
	// 20 extensions are 101 to 120. A number has four digits at the most, unless there are more than that.
	const digits = count > 10_000 ? 5 : count > 899 ? 4 : 3;
	const first = count > 9000 ? 0 : digits === 4 ? 1000 : 101;
	const create_date = toGmt(now - 300 * DAY);
	for (let n = 0; n < count; n++) {
		const [label, type, group] = (company ? STAFF[n] : undefined) ?? [`Phone ${n + 1}`, 'phone'];
		const extension: Omit<Extension, 'id'> = {
			client_id: CLIENT_ID,
			name: `${PREFIX}*${String(first + n).padStart(digits, '0')}`,
			label,
			type,
			status: 'active',
			domain: DOMAIN,
			create_date,
			extension_group_id: group === undefined ? null : 71 + group,
			caller_id_name: label,
			ani: null,
			ani_rfc3325: false,
			message_did: null,
			dial_rule_id: null,
			dial_rule_limit: null,
			did_as_transfer_caller_id: 'default',
			extra_params: null,
		};
		store.extensions.insert(extension);
	}
	store.client.extension_len = digits;
}
