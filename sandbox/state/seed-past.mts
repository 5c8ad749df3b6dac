import { toGmt } from '../telephony/time.mts';
import { mp3Size } from './audio.mts';
import type { Store } from './store.mts';
import type { CallRecord, Extension } from './types.mts';

const DAY = 86_400_000;

/** A small generator of numbers in [0, 1): the same company on every start. */
function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
}

const hex = (next: () => number, digits: number) =>
	Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('');

/** 300 recordings of the last 60 days, and a few voice messages and faxes. */
export function addPast(store: Store, now: number): void {
	const next = random(1844);
	const phones = store.extensions.filter((extension) => extension.type === 'phone').slice(0, 14);
	for (let n = 0; n < 300; n++) {
		const started = now - Math.floor(((300 - n) / 300) * 60 * DAY) - Math.floor(next() * 3_600_000);
		store.records.insert(recordOf(phones[Math.floor(next() * phones.length)], started, next));
	}
	for (let n = 0; n < 6; n++) {
		const extension_id = phones[n % phones.length].id;
		store.voicemails.insert({
			record_uuid: `${extension_id}-${hex(next, 32).toUpperCase()}`,
			extension_id,
			caller_id_number: `4477009001${10 + n}`,
			start_time_gmt: toGmt(now - (n + 1) * 3 * DAY),
			duration: 5 + n,
		});
	}
	const fax = store.extensions.find((extension) => extension.type === 'fax') ?? phones[0];
	for (let n = 0; n < 4; n++) {
		store.faxes.insert({
			...{ uuid: `${fax.id}-${hex(next, 32).toUpperCase()}`, client_id: store.client.id },
			...{ extension_group_id: null, extension_id: fax.id, caller_id: `4420794609${10 + n}` },
			...{ destination: fax.name, datetime: toGmt(now - (n + 1) * 5 * DAY) },
		});
	}
}

function recordOf(extension: Extension, started: number, next: () => number): CallRecord {
	const flow = next() < 0.6 ? 'in' : 'out';
	const outside = `4477009${String(Math.floor(next() * 100_000)).padStart(5, '0')}`;
	const duration = 5 + Math.floor(next() * 240);
	const ring = 3 + Math.floor(next() * 15);
	const incoming = flow === 'in';
	const disposition = next() < 0.5 ? 'caller_bye' : 'callee_bye';
	return {
		record_uuid: `${extension.id}-${hex(next, 32).toUpperCase()}`,
		call_uuid: hex(next, 32).toUpperCase(),
		client_owner_id: extension.client_id,
		extension_group_owner_id: extension.extension_group_id,
		extension_id: extension.id,
		extension_name: extension.name,
		extension_type: extension.type,
		ext_number_reg: null,
		flow,
		result: 'answered',
		calls_result: 'answered',
		duration,
		init_time_gmt: toGmt(started),
		start_time_gmt: toGmt(started + ring * 1000),
		hangup_time_gmt: toGmt(started + (ring + duration) * 1000),
		hangup_cause: 'NORMAL_CLEARING',
		hangup_disposition: disposition,
		calls_hangup_disposition: disposition,
		application: null,
		ani_number: incoming ? null : '442079460100',
		source_number: incoming ? outside : extension.name,
		source_domain: incoming ? null : extension.domain,
		from_username: incoming ? outside : extension.name,
		from_domain: incoming ? null : extension.domain,
		from_screen_name: incoming ? outside : extension.label,
		to_username: incoming ? extension.name : outside,
		to_domain: incoming ? extension.domain : null,
		dest_number: incoming ? '442079460100' : outside,
		dest_domain: null,
		did_number: incoming ? '442079460100' : null,
		did_domain: incoming ? extension.domain : null,
		record_file_size: mp3Size(duration),
	};
}
