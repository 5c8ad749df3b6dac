/**
 * n8n-core and n8n-workflow, loaded and set up once per process, the way n8n's own start does it.
 *
 * They are loaded by Node's `require`, also under Jest (environment.mjs says why). Works the same from
 * a script run by tsx.
 */
import type * as CoreModule from 'n8n-core';
import type * as WorkflowModule from 'n8n-workflow';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ProcessedStore } from './processedStore.mts';

export type ExpressionEngine = 'legacy' | 'vm';

/** A log entry of n8n or of the node. */
export interface LogEntry {
	level: 'error' | 'warn' | 'info' | 'debug';
	message: string;
	metadata?: unknown;
}

type Type<T> = abstract new (...args: never[]) => T;

/** The parts of n8n's dependency injection that are used here. */
interface Container {
	get<T>(type: Type<T>): T;
	set<T>(type: Type<T>, instance: unknown): void;
}

export interface N8n {
	core: typeof CoreModule;
	workflow: typeof WorkflowModule;
	container: Container;
	/** The engine that evaluates `{{ }}`, selected by N8N_EXPRESSION_ENGINE as in n8n. */
	expressionEngine: ExpressionEngine;
	/** Everything logged in this process since the last engine was created. */
	logs: LogEntry[];
	/** What nodes have recorded with `helpers.checkProcessedAndRecord`, in all engines of this process. */
	processed: ProcessedStore;
	/** Node's `require` from the project's root. */
	require: NodeJS.Require;
}

/** The project's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const LOADED = Symbol.for('n8n-nodes-ringme.n8n');
const store = globalThis as { [LOADED]?: Promise<N8n> };

/** n8n, ready to run workflows. Only the first call of a process loads it. */
export async function loadN8n(): Promise<N8n> {
	return await (store[LOADED] ??= load());
}

async function load(): Promise<N8n> {
	const { createRequire } = process.getBuiltinModule('node:module');
	const { runInThisContext } = process.getBuiltinModule('node:vm');
	if (runInThisContext('globalThis') !== globalThis) {
		throw new Error(
			'The engine needs the Jest environment test/harness/environment.mjs (testEnvironment, or @jest-environment in the test file)',
		);
	}
	setEnvironment();

	const require = createRequire(join(ROOT, 'package.json'));
	require('reflect-metadata');
	const workflow = require('n8n-workflow') as typeof WorkflowModule;
	const core = require('n8n-core') as typeof CoreModule;
	// n8n-core uses its own copies of these packages.
	const requireFromCore = createRequire(require.resolve('n8n-core'));
	const { Container: container } = requireFromCore('@n8n/di') as { Container: Container };
	const { Logger } = requireFromCore('@n8n/backend-common') as { Logger: Type<object> };

	const logs: LogEntry[] = [];
	const logger = recordingLogger(logs);
	container.set(Logger, logger);
	workflow.LoggerProxy.init(logger);

	provideEncryptionKey(core, container);
	await container.get(core.BinaryDataService).init();
	const processed = new ProcessedStore();
	await core.DataDeduplicationService.init(processed);
	const expressionEngine = await startExpressionEngine(workflow, container, requireFromCore);
	return { core, workflow, container, expressionEngine, logs, processed, require };
}

/** n8n reads its settings from the environment when it is loaded. */
function setEnvironment() {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	const node24 = Number(process.versions.node.split('.')[0]) >= 24;
	process.env.N8N_EXPRESSION_ENGINE ??= node24 ? 'vm' : 'legacy';
	Object.assign(process.env, {
		N8N_USER_FOLDER: folder,
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		// The servers of the tests are local, so a proxy of the machine must not be used.
		NO_PROXY: ['127.0.0.1', 'localhost', process.env.NO_PROXY].filter(Boolean).join(','),
	});
}

/** Stored credentials are really encrypted, with the single key of an n8n without key rotation. */
function provideEncryptionKey(core: typeof CoreModule, container: Container) {
	const value = container
		.get(core.Cipher)
		.encryptDEKWithInstanceKey(container.get(core.InstanceSettings).encryptionKey);
	const key = { id: 'instance', value, algorithm: 'aes-256-cbc', format: 'no-prefix' } as const;
	container.get(core.EncryptionKeyProxy).setProvider({
		getActiveKey: async () => key,
		getKeyById: async () => key,
		getLegacyKey: async () => key,
	});
}

async function startExpressionEngine(
	{ Expression }: typeof WorkflowModule,
	container: Container,
	requireFromCore: NodeJS.Require,
): Promise<ExpressionEngine> {
	type Settings = Parameters<typeof Expression.initExpressionEngine>[0] & { idleTimeout?: number };
	const { GlobalConfig } = requireFromCore('@n8n/config') as {
		GlobalConfig: Type<{ expressionEngine: Settings }>;
	};
	const { idleTimeout, ...settings } = container.get(GlobalConfig).expressionEngine;
	const requested = process.env.N8N_EXPRESSION_ENGINE as ExpressionEngine;
	const idleTimeoutMs = idleTimeout === undefined ? undefined : idleTimeout * 1000;
	// One isolate for the whole process, with lazy acquire: to start one takes longer than most tests.
	const sharedCaller = process.env.SHARED_ISOLATE === 'true';
	try {
		await Expression.initExpressionEngine({ ...settings, idleTimeoutMs, sharedCaller });
	} catch (error) {
		throw new Error(
			`The expression engine "${requested}" does not start on Node ${process.version}`,
			{
				cause: error,
			},
		);
	}
	const running = Expression.getActiveImplementation();
	if (running !== requested) {
		throw new Error(`Expression engine: requested ${requested}, running ${running}`);
	}
	return running;
}

function recordingLogger(logs: LogEntry[]) {
	const write = (level: LogEntry['level']) => (message: string, metadata?: unknown) => {
		logs.push({ level, message, metadata });
	};
	const logger = {
		error: write('error'),
		warn: write('warn'),
		info: write('info'),
		debug: write('debug'),
		scoped: () => logger,
	};
	return logger;
}
