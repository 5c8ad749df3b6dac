import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { telling } from '../progress.mjs';
import { n8nEnvironment, type N8nPorts } from './environment.mts';
import { LOGS, N8N_DATA, ROOT } from './folders.mts';
import type { InstalledN8n } from './install.mts';

/** A first start makes the database; on a slow machine that is a minute. */
const READY_TIMEOUT_MS = 240_000;
const POLL_MS = 500;
/** n8n finishes what is running before it ends; longer than this nobody waits. */
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_SHOWN = 25;

/** What a second n8n beside that of `npm start` needs of its own. */
export interface N8nPlace {
	/** The folder in which it keeps everything */
	data?: string;
	/** The file for its log, written anew */
	log?: string;
	/** Further settings */
	env?: Record<string, string>;
}

/** A running n8n. */
export interface RunningN8n {
	/** Address of the editor and its API, without a slash at the end */
	url: string;
	/** Resolves, with n8n's last log lines, when it ended by itself; never when it was stopped */
	died: Promise<Error>;
	/** Ends n8n and everything it started. May be called twice. */
	stop(): Promise<void>;
	/** Ends them at once, for the moment in which this process itself has to go */
	kill(): void;
}

/**
 * Starts n8n and waits until its API answers.
 *
 * @param say gets a line every few seconds while n8n starts
 * @param signal gives up waiting, and ends n8n
 * @throws Error with n8n's last log lines when it does not get ready
 */
export async function startN8n(
	{ node, bin }: InstalledN8n,
	ports: N8nPorts,
	say: (line: string) => void,
	signal?: AbortSignal,
	{ data = N8N_DATA, log = join(LOGS, 'n8n.log'), env = {} }: N8nPlace = {},
): Promise<RunningN8n> {
	await mkdir(dirname(log), { recursive: true });
	await mkdir(data, { recursive: true });
	const output = createWriteStream(log);
	await new Promise((opened) => output.once('open', opened));
	const url = `http://127.0.0.1:${ports.editor}`;

	const child = execa(node, [bin, 'start'], {
		cwd: ROOT,
		env: { ...n8nEnvironment(node, ports, data), ...env },
		extendEnv: false,
		stdin: 'ignore',
		stdout: output,
		stderr: output,
		// A group of its own: a Ctrl-C in the terminal reaches only us, and we end the whole group in good order.
		detached: true,
		reject: false,
	});
	let stopping = false;
	const signalGroup = (signal: NodeJS.Signals): void => {
		try {
			if (child.pid !== undefined) process.kill(-child.pid, signal);
		} catch {
			// The group has ended already.
		}
	};
	const running: RunningN8n = {
		url,
		died: new Promise((resolve) => {
			void child.then(async ({ exitCode, originalMessage }) => {
				if (!stopping) resolve(await failure(`n8n ended (${originalMessage ?? exitCode})`, log));
			});
		}),
		async stop() {
			stopping = true;
			signalGroup('SIGTERM');
			await Promise.race([child, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
			signalGroup('SIGKILL');
			await child;
		},
		kill() {
			stopping = true;
			signalGroup('SIGKILL');
		},
	};

	try {
		await Promise.race([
			telling(untilReady(url, log, signal), say, () => 'n8n is starting'),
			running.died.then((error) => Promise.reject(error)),
		]);
	} catch (error) {
		await running.stop();
		throw error;
	}
	return running;
}

/** The health check says when the database is ready; only the settings come from the API itself. */
async function untilReady(url: string, log: string, signal?: AbortSignal): Promise<void> {
	const started = Date.now();
	while (Date.now() - started < READY_TIMEOUT_MS) {
		if ((await answers(`${url}/healthz/readiness`)) && (await answers(`${url}/rest/settings`)))
			return;
		await sleep(POLL_MS, undefined, { signal });
	}
	throw await failure(`n8n did not get ready within ${READY_TIMEOUT_MS / 1000} s`, log);
}

async function answers(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
		return response.ok && (response.headers.get('content-type') ?? '').includes('json');
	} catch {
		return false;
	}
}

async function failure(message: string, log: string): Promise<Error> {
	const text = await readFile(log, 'utf8').catch(() => '');
	const last = text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
	return new Error(`${message}. The end of ${relative(ROOT, log)}:\n${last}`);
}
