import type { Sandbox } from '../../sandbox/index.mts';
import { formatUtc } from '../../sandbox/state/time.mts';
import type { CallRecord, PastCall } from '../../sandbox/state/types.mts';

/** Adds records of calls to a PBX as if they had just appeared. Each returns the ID of its record. */
export interface RecordFactory {
	/** Adds a recording of a call that began some milliseconds ago. */
	addRecording(agoMs?: number, changes?: Partial<CallRecord>): string;
	/** Adds a call to the history that began some milliseconds ago. */
	addCall(agoMs?: number, changes?: Partial<PastCall>): string;
	/** Adds a voicemail that was left some milliseconds ago. */
	addVoicemail(agoMs?: number): string;
}

export function createRecordFactory({ store, clock }: Sandbox): RecordFactory {
	let count = 0;
	const initTime = (agoMs: number) => ({ init_time_gmt: formatUtc(clock.now() - agoMs) });
	const createId = (extensionId: number) =>
		`${extensionId}-${(++count).toString(16).toUpperCase().padStart(32, '0')}`;
	return {
		addRecording(agoMs = 0, changes = {}) {
			const [template] = store.records.list();
			const record_uuid = createId(template.extension_id);
			const call_uuid = `CALL${count}`;
			store.records.insert({
				...template,
				record_uuid,
				call_uuid,
				...initTime(agoMs),
				...changes,
			});
			return record_uuid;
		},
		addCall(agoMs = 0, changes = {}) {
			const [template] = store.pastCalls.list();
			const call_uuid = `PASTCALL${++count}`;
			store.pastCalls.insert({ ...template, call_uuid, ...initTime(agoMs), ...changes });
			return call_uuid;
		},
		addVoicemail(agoMs = 0) {
			const [template] = store.voicemails.list();
			const record_uuid = createId(template.extension_id);
			store.voicemails.insert({ ...template, record_uuid, ...initTime(agoMs) });
			return record_uuid;
		},
	};
}
