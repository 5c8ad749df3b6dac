import { startSandbox } from '../../../sandbox/index.mts';
import type { Sandbox, SandboxOptions } from '../../../sandbox/index.mts';
import { Client } from './client.mts';

/** A sandbox and a client for it, available from the first test on. */
export interface SandboxFixture {
	sandbox: Sandbox;
	client: Client;
}

/**
 * Starts one sandbox for the tests of a file and resets it before each. Its virtual clock starts on
 * 15 January 2026 at 09:00 UTC. Internal errors of the sandbox fail the file.
 */
export function setupSandbox(options: SandboxOptions = {}): SandboxFixture {
	const fixture = {} as SandboxFixture;
	beforeAll(async () => {
		fixture.sandbox = await startSandbox({ clock: 'virtual', ...options });
		fixture.client = new Client(fixture.sandbox.url);
	});
	beforeEach(() => fixture.sandbox.reset());
	afterAll(async () => {
		await fixture.sandbox.stop();
		expect(fixture.sandbox.errors).toEqual([]);
	});
	return fixture;
}
