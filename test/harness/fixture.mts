/** The fixture of most tests of the nodes: the sandbox PBX and n8n's real engine. */
import type { INodeExecutionData } from 'n8n-workflow';

import type { ItemsByOutcome } from '../../nodes/shared/errors/outcome';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.mts';
import { createEngine, type Engine } from './engine.mts';
import { setupTimers, type Timers } from './timers.mts';
import type { RunOptions, RunResult } from './types.mts';

/** A new OAuth2 credential for a trusted application of the sandbox. */
export const oAuth2 = (sandbox: Sandbox) => ({
	baseUrl: sandbox.url,
	grantType: 'clientCredentials',
	clientId: 'sandbox-app',
	clientSecret: 'sandbox-secret',
	client: '@me',
});

/** An access token credential for the sandbox. */
export const accessToken = (sandbox: Sandbox) => ({
	baseUrl: sandbox.url,
	accessToken: 'sandbox-token',
	client: '@me',
});

export interface Fixture {
	sandbox: Sandbox;
	engine: Engine;
	/** Runs the RingMe node with the static token, unless the options say otherwise. */
	run(parameters: RunOptions['parameters'], options?: Partial<RunOptions>): Promise<RunResult>;
}

/**
 * Starts a sandbox and creates an engine. Stop the sandbox when done.
 *
 * @throws Error if the package is not built
 */
export async function createFixture(options: SandboxOptions = {}): Promise<Fixture> {
	// The engine first, because it fails if the package is not built: a running sandbox keeps Jest open.
	const engine = await createEngine();
	const sandbox = await startSandbox({ clock: 'virtual', ...options });
	const run: Fixture['run'] = async (parameters, more) =>
		await engine.run({
			node: 'ringMe',
			parameters: { authentication: 'accessToken', ...parameters },
			credentials: { ringMeApi: accessToken(sandbox) },
			...more,
		});
	return { sandbox, engine, run };
}

/**
 * Creates a fixture for the tests of a file, whose waits pass at once and whose timeouts pass never; see `Timers`.
 * The returned object is filled before the first test; before each test the sandbox is reset.
 */
export function setupFixture(options: SandboxOptions = {}): Fixture & { timers: Timers } {
	const fixture = { timers: setupTimers() } as Fixture & { timers: Timers };
	beforeAll(async () => void Object.assign(fixture, await createFixture(options)));
	beforeEach(() => fixture.sandbox.reset());
	afterEach(() => expect(fixture.sandbox.errors).toEqual([]));
	afterAll(async () => await fixture.sandbox.stop());
	return fixture;
}

/** The entries of a list of the RingMe node, for a resource locator. */
export const searchList = async (
	{ sandbox, engine }: Fixture,
	method: string,
	parameters: RunOptions['parameters'] = {},
) => {
	const { results } = await engine.listSearch(method, {
		node: 'ringMe',
		parameters: { authentication: 'accessToken', ...parameters },
		credentials: { ringMeApi: accessToken(sandbox) },
	});
	return results;
};

/** The index of the input item that each output item is linked to. */
export const links = (items: INodeExecutionData[]) =>
	items.map(({ pairedItem }) =>
		typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : pairedItem,
	);

/** The value of a resource locator in the mode "By ID". */
export const byId = (value: string | number) => ({ __rl: true, mode: 'id', value: String(value) });

/** The structured context of an error: `itemIndex`, and `items` by outcome. */
export const contextOf = (error: unknown) =>
	(error as { context?: { itemIndex?: number; items?: ItemsByOutcome } } | undefined)?.context;
