import { startSandbox } from '../../../sandbox/index.mts';
import type { Sandbox, SandboxOptions } from '../../../sandbox/index.mts';
import { Client } from './client.mts';

/** One sandbox for the tests of a file, back at its seed before each; nothing may go wrong inside it. */
export function useSandbox(
	options: SandboxOptions,
	receive: (sandbox: Sandbox, client: Client) => void,
): void {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox({ clock: 'virtual', ...options });
		receive(sandbox, new Client(sandbox.url));
	});
	beforeEach(() => sandbox.reset());
	afterAll(async () => {
		await sandbox.stop();
		expect(sandbox.errors).toEqual([]);
	});
}
