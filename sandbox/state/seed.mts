import { addCompany, COMPANY_EXTENSIONS } from './seedCompany.mts';
import { createStore } from './store.mts';
import type { Store } from './store.mts';
import { DAY_MS, formatUtc } from './time.mts';
import type { Client, Extension, Limits } from './types.mts';

// All data is fictional: the numbers come from ranges reserved for drama, the names are invented.

const DOMAIN = 'pbx.example.com';
export const CLIENT_ID = 4321;
const PREFIX = '1844';

export interface SeedOptions {
	seed: 'company' | 'empty';
	/** Number of extensions; 0 for the default number. */
	extensions: number;
	/** PBX time in epoch milliseconds. All dates of the history lie before it. */
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

/** Creates a store and fills it with the chosen data. */
export function seedStore(options: SeedOptions): Store {
	const store = createStore(createClient(options.now), { ...LIMITS });
	fillStore(store, options);
	return store;
}

/** Fills an empty store. */
export function fillStore(store: Store, options: SeedOptions): void {
	Object.assign(store, { client: createClient(options.now), limits: { ...LIMITS } });
	const isCompany = options.seed === 'company';
	addUsers(store, isCompany);
	if (isCompany) {
		for (const name of ['Sales', 'Support']) {
			store.extensionGroups.insert({ client_id: CLIENT_ID, name, extra_params: null });
		}
	}
	addExtensions(store, options);
	if (isCompany) addCompany(store, options.now);
}

function createClient(now: number): Client {
	return {
		id: CLIENT_ID,
		name: 'Example Trading Ltd',
		type: 'company',
		domain: DOMAIN,
		domain_prefix: '84',
		prefix: PREFIX,
		extension_len: 3,
		create_date: formatUtc(now - 700 * DAY_MS),
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

function addUsers(store: Store, isCompany: boolean): void {
	const defaults = {
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
		...defaults,
		kind: 'client',
		login: 'admin',
		name: 'Ann Admin',
		email: email('admin'),
	});
	store.users.insert({
		...defaults,
		kind: 'client',
		login: 'viewer',
		name: 'Victor Viewer',
		email: email('viewer'),
		access: 'read_only',
	});
	if (!isCompany) return;
	for (const [login, name, extension_id] of [
		['reception', 'Rita Reception', 85201],
		['sales1', 'Sam Sales', 85203],
		['support1', 'Sue Support', 85207],
	] as const) {
		store.users.insert({
			...defaults,
			kind: 'extension',
			login,
			name,
			email: email(login),
			extension_id,
		});
	}
	store.users.insert({
		...defaults,
		kind: 'extension_group',
		login: 'saleslead',
		name: 'Lea Lead',
		email: email('saleslead'),
		extension_group_id: 71,
	});
}

function addExtensions(store: Store, { seed, extensions, now }: SeedOptions): void {
	const isCompany = seed === 'company';
	const count = extensions || (isCompany ? COMPANY_EXTENSIONS.length : 2);
	// 20 extensions get the numbers 101 to 120. More extensions need four digits, or even five.
	const digits = count > 10_000 ? 5 : count > 899 ? 4 : 3;
	const first = count > 9000 ? 0 : digits === 4 ? 1000 : 101;
	const create_date = formatUtc(now - 300 * DAY_MS);
	for (let n = 0; n < count; n++) {
		const [label, type, group] = (isCompany ? COMPANY_EXTENSIONS[n] : undefined) ?? [
			`Phone ${n + 1}`,
			'phone',
		];
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
