import { runProbes, type Report, type RunOptions } from '../../../probe/run.mts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/index.mts';
import { waitFor } from '../../support/waitFor.mts';
import { Table } from '../../../sandbox/state/store.mts';

export const SECRET = 'sandbox-secret';

/** Starts a sandbox PBX in a zone that is not UTC. */
export async function startPbx(options: SandboxOptions = {}): Promise<Sandbox> {
	const sandbox = await startSandbox(options);
	sandbox.store.client.timezone = 'Europe/Moscow';
	return sandbox;
}

/** Runs the probe without pauses, with `--write`. */
export async function probe(sandbox: Sandbox, options: Partial<RunOptions> = {}): Promise<Report> {
	return await runProbes({
		baseUrl: sandbox.url,
		applicationId: 'sandbox-app',
		secret: SECRET,
		intervalMs: 0,
		retryMs: 20,
		write: true,
		...options,
		onProbe(probe) {
			if (probe.name === 'stats-concurrent') void letStatisticsMeet(sandbox);
			options.onProbe?.(probe);
		},
	});
}

/** Holds the response to the next request for statistics until another one has its response. */
async function letStatisticsMeet({ faults, journal }: Sandbox) {
	const path = '/record/stats/';
	const hold = faults.add({ kind: 'hold', acts: true, match: { path } });
	const responses = () => journal.find('GET', path).filter(({ status }) => status !== undefined);
	const { length } = responses();
	await hold.held();
	await waitFor('a second request for statistics', () => responses().length > length);
	await hold.release();
}

/** Names of the probes with this verdict, in order. */
export const namesWith = (report: Report, verdict: string) =>
	report.results
		.filter((result) => result.verdict.verdict === verdict)
		.map((result) => result.probe.name)
		.sort();

/** All records of the PBX. Tokens are not among them. */
export function recordsOf({ store }: Sandbox): string {
	// As JSON, a file would be a list of its bytes.
	const withoutBytes = (row: object) =>
		'audio' in row ? { ...row, audio: (row.audio as Buffer).toString('base64') } : row;
	const tables = Object.entries(store).map(([name, value]) => [
		name,
		value instanceof Table ? value.list().map(withoutBytes) : (value as unknown),
	]);
	return JSON.stringify(tables);
}
