/** The fixture of tests of the RingMe Polling Trigger: n8n's poll context, a sandbox PBX, and one clock. */
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import type { Engine } from '../harness/engine.mts';
import { accessToken } from '../harness/fixture.mts';
import type { Poller, PollerOptions } from '../harness/poller.mts';
import { createRecordFactory, type RecordFactory } from '../support/recordFactory.mts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export interface PollingFixture extends RecordFactory {
	sandbox: Sandbox;
	engine: Engine;
	openPoller(parameters?: INodeParameters, options?: Partial<PollerOptions>): Promise<Poller>;
	/** Lets time pass on the PBX and in n8n. */
	advance(ms: number): Promise<void>;
	/** By how many milliseconds n8n's clock is ahead of the PBX's. */
	setClockDifference(ms: number): void;
	/** The requests since the last call, without their fixed part: `GET record/ 1`. */
	takeRequests(): string[];
	close(): Promise<void>;
}

export async function createPollingFixture(engine: Engine, start: number): Promise<PollingFixture> {
	const sandbox = await startSandbox({ clock: 'virtual', start });
	const realNow = Date.now;
	let difference = 0;
	Date.now = () => sandbox.clock.now() + difference;
	return {
		sandbox,
		engine,
		openPoller: async (parameters = {}, more = {}) =>
			await engine.poller({
				node: 'ringMePollingTrigger',
				parameters: { authentication: 'accessToken', ...parameters },
				credentials: { ringMeApi: accessToken(sandbox) },
				...more,
			}),
		async advance(ms) {
			await sandbox.clock.advance(ms);
		},
		setClockDifference(ms) {
			difference = ms;
		},
		...createRecordFactory(sandbox),
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

/** The IDs of the reported recordings and voicemails, in their order. */
export const recordIds = (executions: INodeExecutionData[][]) =>
	executions.flat().map(({ json }) => String(json.recordId ?? json.record_uuid));

/** The IDs of the reported calls, in their order. */
export const callIds = (executions: INodeExecutionData[][]) =>
	executions.flat().map(({ json }) => String(json.callId));
