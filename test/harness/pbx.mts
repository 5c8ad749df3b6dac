/** The sandbox PBX and the real engine together, as most tests of the nodes need them. */
import type { INodeExecutionData } from 'n8n-workflow';

import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.mts';
import { createEngine, type Engine } from './engine.mts';
import type { RunOptions, RunResult } from './types.mts';

/** A trusted application of the sandbox, as a fresh credential holds it. */
export const oAuth2 = (sandbox: Sandbox) => ({
	baseUrl: sandbox.url,
	grantType: 'clientCredentials',
	clientId: 'sandbox-app',
	clientSecret: 'sandbox-secret',
	client: '@me',
});

export const accessToken = (sandbox: Sandbox) => ({
	baseUrl: sandbox.url,
	accessToken: 'sandbox-token',
	client: '@me',
});

export interface Bench {
	sandbox: Sandbox;
	engine: Engine;
	/** Runs the RingMe node with the static token, unless the options say otherwise. */
	run(parameters: RunOptions['parameters'], options?: Partial<RunOptions>): Promise<RunResult>;
}

export async function openBench(options: SandboxOptions = {}): Promise<Bench> {
	// First what may fail, where the package is not built: a sandbox left alone would keep Jest open.
	const engine = await createEngine();
	const sandbox = await startSandbox({ clock: 'virtual', ...options });
	const run: Bench['run'] = async (parameters, more) =>
		await engine.run({
			node: 'ringMe',
			parameters: { authentication: 'accessToken', ...parameters },
			credentials: { ringMeApi: accessToken(sandbox) },
			...more,
		});
	return { sandbox, engine, run };
}

/** The input item that each output item is linked to. */
export const links = (items: INodeExecutionData[]) =>
	items.map(({ pairedItem }) =>
		typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : pairedItem,
	);

export const byId = (value: string | number) => ({ __rl: true, mode: 'id', value: String(value) });
