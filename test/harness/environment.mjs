/**
 * Jest environment in which tests share the realm (the globals) of Node itself.
 *
 * Jest normally runs test files in a `vm` context with its own Error, Object, Array ... n8n-core
 * asks `error instanceof Error` at every turn, and errors of sockets, files and native modules come
 * from Node's own realm: in the sandbox those answers are wrong, so the engine takes other paths than
 * in n8n. n8n-core inside Jest's module registry also costs a second or two per test file, and its
 * dynamic import of the "vm" expression engine does not work there at all. So:
 *
 * - test files are compiled by Jest as usual (TypeScript, module registry, mocks), but into Node's realm;
 * - n8n itself is loaded by Node's own `require` (see n8n.mts), once per Jest worker.
 *
 * The alternative, an engine in a child process behind messages, loses functions, error classes and
 * the debugger on the way, and pays for a copy of every item.
 *
 * Jest has no switch for this: a context is named by `getVmContext()` and passed to
 * `vm.compileFunction()`. Ours is an empty one that only serves as a mark; the wrapper below drops it,
 * which means "the current realm". Files that choose another environment are not affected.
 */
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';
import vm from 'node:vm';

const INSTALLED = Symbol.for('n8n-nodes-ringme.sharedRealmContexts');

/** The contexts that stand for "Node's own realm"; the wrapper is put in place once per process. */
function sharedRealmContexts() {
	if (!globalThis[INSTALLED]) {
		const contexts = new WeakSet();
		const { compileFunction } = vm;
		vm.compileFunction = (code, parameters, options) => {
			if (!options || !contexts.has(options.parsingContext)) {
				return compileFunction(code, parameters, options);
			}
			return compileFunction(code, parameters, { ...options, parsingContext: undefined });
		};
		globalThis[INSTALLED] = contexts;
		endAtOnce();
	}
	return globalThis[INSTALLED];
}

/**
 * A process that has nothing left to do ends without freeing its memory first: for the half gigabyte of n8n and its
 * nodes that takes a third of a second, and on a busy machine longer than Jest waits before it kills a worker.
 */
function endAtOnce() {
	process.once('beforeExit', () => process.exit());
}

/** What Jest puts on the global object for one test file, and must not outlive it. */
const JEST_SYMBOLS = new Set([
	'EVENT_HANDLERS',
	'JEST_STATE_SYMBOL',
	'LOG_ERRORS_BEFORE_RETRY',
	'RETRY_IMMEDIATELY',
	'RETRY_TIMES',
	'RETRY_TIMES_SETTER',
	'TEST_TIMEOUT_SYMBOL',
	'WAIT_BEFORE_RETRY',
]);

export default class SharedRealmEnvironment {
	constructor({ projectConfig }) {
		this.global = globalThis;
		this.context = vm.createContext();
		sharedRealmContexts().add(this.context);
		this.moduleMocker = new ModuleMocker(globalThis);
		this.fakeTimers = null;
		this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
		this.before = {
			console: globalThis.console,
			exit: process.exit,
			getBuiltinModule: process.getBuiltinModule,
			stackTraceLimit: Error.stackTraceLimit,
		};
	}

	async setup() {
		// Jest replaces it by one that leads into its module registry.
		process.getBuiltinModule = this.before.getBuiltinModule;
	}

	async teardown() {
		this.fakeTimersModern.dispose();
		process.exit = this.before.exit;
		process.getBuiltinModule = this.before.getBuiltinModule;
		globalThis.console = this.before.console;
		Error.stackTraceLimit = this.before.stackTraceLimit;
		for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
			if (JEST_SYMBOLS.has(symbol.description)) delete globalThis[symbol];
		}
	}

	exportConditions() {
		return ['node', 'node-addons'];
	}

	getVmContext() {
		return this.context;
	}
}
