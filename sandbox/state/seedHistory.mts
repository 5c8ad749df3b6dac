import { mp3Size } from './audio.mts';
import { callOfPart, missedPart, ownerFields, toVoicemail } from './singlePart.mts';
import { createTables, type Store, type Tables } from './store.mts';
import { DAY_MS, formatUtc } from './time.mts';
import type { Extension, RecordedPart } from './types.mts';

/** Seeded generator of numbers in [0, 1) (mulberry32), so that every start gives the same company. */
function seededRandom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/** @param digits a multiple of 8 */
const hex = (random: () => number, digits: number) =>
	Array.from({ length: digits / 8 }, () =>
		Math.floor(random() * 2 ** 32)
			.toString(16)
			.padStart(8, '0'),
	).join('');

interface Owners {
	clientId: number;
	phones: Extension[];
	fax: Extension;
	/** PBX time in epoch milliseconds. */
	now: number;
}

/** The history that was created last: tests reset the PBX thousands of times, and its virtual clock with it. */
let latest: { key: string; history: Tables } | undefined;

/** Adds the calls of the last 60 days, voicemails, messages and faxes, and the registered phones. */
export function addHistory(store: Store, now: number): void {
	const phones = store.extensions.filter((extension) => extension.type === 'phone').slice(0, 14);
	const fax = store.extensions.find((extension) => extension.type === 'fax') ?? phones[0];
	const owners = { clientId: store.client.id, phones, fax, now };
	const key = JSON.stringify(owners);
	if (latest?.key !== key) latest = { key, history: createHistory(owners) };
	const { history } = latest;
	store.records.insertAll(history.records);
	store.pastCalls.insertAll(history.pastCalls);
	store.voicemails.insertAll(history.voicemails);
	store.registrations.insertAll(history.registrations);
	store.messages.insertAll(history.messages);
	store.faxes.insertAll(history.faxes);
}

function createHistory({ clientId, phones, fax, now }: Owners): Tables {
	const random = seededRandom(1844);
	const history = createTables();
	for (let n = 0; n < 300; n++) {
		const started =
			now - Math.floor(((300 - n) / 300) * 60 * DAY_MS) - Math.floor(random() * 3_600_000);
		const part = createRecordedPart(phones[Math.floor(random() * phones.length)], started, random);
		history.records.insert({
			...part,
			calls_result: part.result,
			calls_hangup_disposition: part.hangup_disposition,
		});
		history.pastCalls.insert(callOfPart(part));
	}
	const did = '442079460100';
	for (let n = 0; n < 6; n++) {
		const extension = phones[n % phones.length];
		const call = {
			extension,
			from: `4477009001${10 + n}`,
			did,
			started: now - (n + 1) * 3 * DAY_MS,
			callUuid: hex(random, 32).toUpperCase(),
		};
		const recordUuid = `${extension.id}-${hex(random, 32).toUpperCase()}`;
		const voicemail = toVoicemail(call, recordUuid, 5 + n);
		history.voicemails.insert(voicemail);
		history.pastCalls.insert(callOfPart(voicemail));
	}
	for (const [n, phone] of phones.entries()) {
		// One phone in seven is not connected.
		const expires_at = now + (n % 7 === 6 ? -DAY_MS : 365 * DAY_MS);
		const address = `192.0.2.${10 + n}`;
		history.registrations.insert({
			registration_id: hex(random, 16),
			extension_id: phone.id,
			device: n % 2 ? 'Softphone 5.2' : 'Desk phone T46',
			real_address: `${address}:5060`,
			contact_address: `sip:${phone.name}@${address}:5060`,
			expires_at,
		});
		history.messages.insert({
			id: hex(random, 24),
			chat_id: hex(random, 16),
			extension_id: phone.id,
			flow: n % 2 ? 'out' : 'in',
			init_time_gmt: formatUtc(now - (n + 1) * DAY_MS),
			src_num: n % 2 ? did : `4477009002${10 + n}`,
			dst_num: n % 2 ? `4477009002${10 + n}` : did,
			text: n % 2 ? 'Your order is ready' : 'When do you open?',
			status: n % 2 ? 'sent' : 'received',
			read: n > 1,
		});
	}
	for (let n = 0; n < 4; n++) {
		history.faxes.insert({
			uuid: `${fax.id}-${hex(random, 32).toUpperCase()}`,
			client_id: clientId,
			extension_group_id: null,
			extension_id: fax.id,
			caller_id: `4420794609${10 + n}`,
			destination: fax.name,
			datetime: formatUtc(now - (n + 1) * 5 * DAY_MS),
		});
	}
	for (let n = 0; n < 60; n++) {
		const part = missedPart({
			extension: phones[Math.floor(random() * phones.length)],
			from: `4477009${String(Math.floor(random() * 100_000)).padStart(5, '0')}`,
			did,
			started: now - Math.floor((n + random()) * DAY_MS),
			callUuid: hex(random, 32).toUpperCase(),
		});
		history.pastCalls.insert(callOfPart(part));
	}
	return history;
}

function createRecordedPart(
	extension: Extension,
	started: number,
	random: () => number,
): RecordedPart {
	const flow = random() < 0.6 ? 'in' : 'out';
	const externalNumber = `4477009${String(Math.floor(random() * 100_000)).padStart(5, '0')}`;
	const duration = 5 + Math.floor(random() * 240);
	const ring = 3 + Math.floor(random() * 15);
	const incoming = flow === 'in';
	const disposition = random() < 0.5 ? 'caller_bye' : 'callee_bye';
	return {
		record_uuid: `${extension.id}-${hex(random, 32).toUpperCase()}`,
		call_uuid: hex(random, 32).toUpperCase(),
		...ownerFields(extension),
		flow,
		result: 'answered',
		duration,
		init_time_gmt: formatUtc(started),
		start_time_gmt: formatUtc(started + ring * 1000),
		hangup_time_gmt: formatUtc(started + (ring + duration) * 1000),
		hangup_cause: 'NORMAL_CLEARING',
		hangup_disposition: disposition,
		application: null,
		ani_number: incoming ? null : '442079460100',
		source_number: incoming ? externalNumber : extension.name,
		source_domain: incoming ? null : extension.domain,
		from_username: incoming ? externalNumber : extension.name,
		from_domain: incoming ? null : extension.domain,
		from_screen_name: incoming ? externalNumber : extension.label,
		to_username: incoming ? extension.name : externalNumber,
		to_domain: incoming ? extension.domain : null,
		dest_number: incoming ? '442079460100' : externalNumber,
		dest_domain: null,
		did_number: incoming ? '442079460100' : null,
		did_domain: incoming ? extension.domain : null,
		record_file_size: mp3Size(duration),
	};
}
