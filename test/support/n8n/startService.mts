import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { ROOT } from '../paths.mts';
import { waitFor } from '../waitFor.mts';
import { withProgress } from '../withProgress.mjs';

/** The first start of an n8n creates its database; on a slow machine that takes a minute. */
const READY_TIMEOUT_MS = 300_000;
const READY_INTERVAL_MS = 500;
/** n8n finishes its executions before it ends; after this it is killed. */
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_SHOWN = 25;

/** A program to run beside this one. */
export interface Program {
	/** For messages */
	name: string;
	/** The program and its arguments */
	command: [string, ...string[]];
	/** All its environment variables */
	env: NodeJS.ProcessEnv;
	/** The file for its output, overwritten */
	logFile: string;
	isReady(): Promise<boolean>;
	/** The user that runs it; default: that of this process */
	user?: { uid: number; gid: number };
	/** The signals that end it, by default SIGTERM and SIGKILL */
	signals?: { stop: NodeJS.Signals; kill: NodeJS.Signals };
}

/** A running program. */
export interface Service {
	/** Resolves to an error with its last log lines when it ended by itself; never when it was stopped */
	died: Promise<Error>;
	/** Ends it and everything it started. May be called twice. */
	stop(): Promise<void>;
	/** Ends them immediately; happens by itself when this process exits */
	kill(): void;
}

/**
 * Starts a program and waits until it is ready.
 *
 * @param log gets a line every few seconds meanwhile
 * @param signal stops waiting, and the program
 * @throws Error with its last log lines when it does not become ready
 */
export async function startService(
	program: Program,
	log: (line: string) => void,
	signal?: AbortSignal,
): Promise<Service> {
	const { name, command, env, logFile, user, signals, isReady } = program;
	await mkdir(dirname(logFile), { recursive: true });
	const output = createWriteStream(logFile);
	await new Promise((opened) => output.once('open', opened));
	const [file, ...args] = command;
	const child = execa(file, args, {
		// Another user cannot necessarily enter our folder.
		cwd: user ? '/' : ROOT,
		env,
		extendEnv: false,
		stdin: 'ignore',
		stdout: output,
		stderr: output,
		// A process group of its own: Ctrl-C in the terminal reaches only this process, which then ends the group.
		detached: true,
		reject: false,
		...user,
	});
	let stopping = false;
	const signalGroup = (which: NodeJS.Signals): void => {
		try {
			if (child.pid !== undefined) process.kill(-child.pid, which);
		} catch {
			// The group has ended already.
		}
	};
	const kill = (): void => {
		stopping = true;
		signalGroup(signals?.kill ?? 'SIGKILL');
	};
	// Also while it is still starting.
	process.once('exit', kill);
	void child.then(() => process.off('exit', kill));
	const service: Service = {
		kill,
		died: new Promise((resolve) => {
			void child.then(async ({ exitCode, originalMessage }) => {
				if (stopping) return;
				resolve(await errorWithLog(`${name} ended (${originalMessage ?? exitCode})`, logFile));
			});
		}),
		async stop() {
			stopping = true;
			signalGroup(signals?.stop ?? 'SIGTERM');
			await Promise.race([child, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
			signalGroup('SIGKILL');
			await child;
		},
	};
	const startEnded = new AbortController();
	const ready = waitFor(`${name} to become ready`, isReady, {
		timeoutMs: READY_TIMEOUT_MS,
		intervalMs: READY_INTERVAL_MS,
		signal: AbortSignal.any([startEnded.signal, ...(signal ? [signal] : [])]),
	}).catch(async (error: Error) => {
		throw signal?.aborted ? error : await errorWithLog(error.message, logFile);
	});
	try {
		await Promise.race([
			withProgress(ready, log, () => `${name} is starting`),
			service.died.then((error) => Promise.reject(error)),
		]);
	} catch (error) {
		startEnded.abort();
		await service.stop();
		throw error;
	}
	return service;
}

async function errorWithLog(message: string, logFile: string): Promise<Error> {
	const text = await readFile(logFile, 'utf8').catch(() => '');
	const lastLines = text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
	return new Error(`${message}. The end of ${relative(ROOT, logFile)}:\n${lastLines}`);
}
