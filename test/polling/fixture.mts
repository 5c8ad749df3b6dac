/** The fixture of tests of the RingMe Polling Trigger: n8n's poll context, a sandbox PBX, and one clock. */
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import type { CallRecord, PastCall } from '../../sandbox/state/types.mts';
import { createEngine, type Engine, type EngineOptions } from '../harness/engine.mts';
import { accessToken } from '../harness/fixture.mts';
import type { Poller } from '../harness/poller.mts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export interface PollingFixture {
	sandbox: Sandbox;
	engine: Engine;
	openPoller(parameters?: INodeParameters): Promise<Poller>;
	/** Lets time pass on the PBX and in n8n. */
	advance(ms: number): Promise<void>;
	/** By how many milliseconds n8n's clock is ahead of the PBX's. */
	setClockDifference(ms: number): void;
	/** Adds a recording of a call that began some milliseconds ago. Returns its ID. */
	addRecording(agoMs?: number, changes?: Partial<CallRecord>): string;
	/** Adds a call to the history that began some milliseconds ago. Returns its ID. */
	addCall(agoMs?: number, changes?: Partial<PastCall>): string;
	/** Adds a voicemail that was left some milliseconds ago. Returns its ID. */
	addVoicemail(agoMs?: number): string;
	/** The requests since the last call, without their fixed part: `GET record/ 1`. */
	takeRequests(): string[];
	close(): Promise<void>;
}

export async function createPollingFixture(
	start: number,
	options: EngineOptions = {},
): Promise<PollingFixture> {
	const engine = await createEngine(options);
	const sandbox = await startSandbox({ clock: 'virtual', start, statsMs: 1 });
	const realNow = Date.now;
	let difference = 0;
	Date.now = () => sandbox.clock.now() + difference;
	let count = 0;
	return {
		sandbox,
		engine,
		openPoller: async (parameters = {}) =>
			await engine.poller({
				node: 'ringMePollingTrigger',
				parameters: { authentication: 'accessToken', ...parameters },
				credentials: { ringMeApi: accessToken(sandbox) },
			}),
		async advance(ms) {
			await sandbox.clock.advance(ms);
		},
		setClockDifference(ms) {
			difference = ms;
		},
		addRecording(agoMs = 0, changes = {}) {
			const [template] = sandbox.store.records.list();
			const record_uuid = `${template.extension_id}-${(++count).toString(16).toUpperCase().padStart(32, '0')}`;
			sandbox.store.records.insert({
				...template,
				record_uuid,
				call_uuid: `CALL${count}`,
				init_time_gmt: formatUtc(sandbox.clock.now() - agoMs),
				...changes,
			});
			return record_uuid;
		},
		addCall(agoMs = 0, changes = {}) {
			const [template] = sandbox.store.pastCalls.list();
			const call_uuid = `PASTCALL${++count}`;
			sandbox.store.pastCalls.insert({
				...template,
				call_uuid,
				init_time_gmt: formatUtc(sandbox.clock.now() - agoMs),
				...changes,
			});
			return call_uuid;
		},
		addVoicemail(agoMs = 0) {
			const [template] = sandbox.store.voicemails.list();
			const record_uuid = `${template.extension_id}-${(++count).toString(16).toUpperCase().padStart(32, '0')}`;
			const init_time_gmt = formatUtc(sandbox.clock.now() - agoMs);
			sandbox.store.voicemails.insert({ ...template, record_uuid, init_time_gmt });
			return record_uuid;
		},
		takeRequests() {
			const requests = sandbox.journal
				.api()
				.map(({ method, path, query }) =>
					[method, path.replace(/^.*\/client\/@me\//, ''), query.page].filter(Boolean).join(' '),
				);
			sandbox.journal.clear();
			return requests;
		},
		async close() {
			Date.now = realNow;
			await sandbox.stop();
		},
	};
}

/** `YYYY-MM-DD HH:MM:SS` in UTC. */
export const formatUtc = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** The IDs of the reported recordings and voicemails, in their order. */
export const recordIds = (executions: INodeExecutionData[][]) =>
	executions.flat().map(({ json }) => String(json.recordId ?? json.record_uuid));

/** The IDs of the reported calls, in their order. */
export const callIds = (executions: INodeExecutionData[][]) =>
	executions.flat().map(({ json }) => String(json.callId));
