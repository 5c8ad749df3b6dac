import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { telling } from '../progress.mjs';
import { ROOT } from './folders.mts';

/** A first start of n8n makes its database; on a slow machine that is a minute. */
const READY_TIMEOUT_MS = 240_000;
const POLL_MS = 500;
/** n8n finishes what is running before it ends; longer than this nobody waits. */
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_SHOWN = 25;

/** A program that runs beside this one. */
export interface Program {
	/** As messages call it */
	name: string;
	/** The program and its arguments */
	command: [string, ...string[]];
	/** All it is to know of the surroundings */
	env: NodeJS.ProcessEnv;
	/** The file for what it prints, written anew */
	log: string;
	/** Whether it can be used already */
	isReady(): Promise<boolean>;
	/** Who it runs as; default: who runs this */
	user?: { uid: number; gid: number };
	/** What ends it in good order, and what at once */
	signals?: { stop: NodeJS.Signals; kill: NodeJS.Signals };
}

/** A running program. */
export interface Service {
	/** Resolves, with its last log lines, when it ended by itself; never when it was stopped */
	died: Promise<Error>;
	/** Ends it and everything it started. May be called twice. */
	stop(): Promise<void>;
	/** Ends them at once; that happens by itself when this process exits */
	kill(): void;
}

/**
 * Starts a program and waits until it is ready.
 *
 * @param say gets a line every few seconds meanwhile
 * @param signal gives up waiting, and ends it
 * @throws Error with its last log lines when it does not get ready
 */
export async function startService(
	program: Program,
	say: (line: string) => void,
	signal?: AbortSignal,
): Promise<Service> {
	const { name, command, env, log, user, signals } = program;
	await mkdir(dirname(log), { recursive: true });
	const output = createWriteStream(log);
	await new Promise((opened) => output.once('open', opened));
	const [file, ...args] = command;
	const child = execa(file, args, {
		// The folder of somebody else cannot be entered by everyone.
		cwd: user ? '/' : ROOT,
		env,
		extendEnv: false,
		stdin: 'ignore',
		stdout: output,
		stderr: output,
		// A group of its own: a Ctrl-C in the terminal reaches only us, and we end the whole group in good order.
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
				resolve(await failure(`${name} ended (${originalMessage ?? exitCode})`, log));
			});
		}),
		async stop() {
			stopping = true;
			signalGroup(signals?.stop ?? 'SIGTERM');
			await Promise.race([child, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
			signalGroup('SIGKILL');
			await child;
		},
	};
	try {
		await Promise.race([
			telling(untilReady(program, signal), say, () => `${name} is starting`),
			service.died.then((error) => Promise.reject(error)),
		]);
	} catch (error) {
		await service.stop();
		throw error;
	}
	return service;
}

async function untilReady({ name, isReady, log }: Program, signal?: AbortSignal): Promise<void> {
	const started = Date.now();
	while (Date.now() - started < READY_TIMEOUT_MS) {
		if (await isReady()) return;
		await sleep(POLL_MS, undefined, { signal });
	}
	throw await failure(`${name} did not get ready within ${READY_TIMEOUT_MS / 1000} s`, log);
}

async function failure(message: string, log: string): Promise<Error> {
	const text = await readFile(log, 'utf8').catch(() => '');
	const last = text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
	return new Error(`${message}. The end of ${relative(ROOT, log)}:\n${last}`);
}
