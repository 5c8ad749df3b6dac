import { runProbes, type Report, type RunOptions } from '../../../probe/run.mts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/index.mts';
import { Table } from '../../../sandbox/state/store.mts';

export const SECRET = 'sandbox-secret';

/** Starts a sandbox PBX whose statistics take long enough to meet each other, in a zone that is not UTC. */
export async function startPbx(options: SandboxOptions = {}): Promise<Sandbox> {
	const sandbox = await startSandbox({ statsMs: 200, ...options });
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
	});
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
