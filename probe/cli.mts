import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StopError } from './errors.mts';
import { askLine, askSecret, askYes } from './prompt.mts';
import { notesOf, renderMarkdown, renderTable, summaryOf } from './report.mts';
import { maxRequestsOf, probesOf, runProbes } from './run.mts';

const USAGE = `npm run probe -- [--write] [--only a,b] [--scheduler ID --task ID] [--interval MS]
                 [--output FILE] [--yes]

Asks a real PBX whether it behaves as sandbox/ASSUMPTIONS.md says. See docs/real-pbx.md.

  --write      also ask what can only be asked by creating records; they are deleted again
  --only       names of probes, separated by commas
  --scheduler  ID of a task scheduler, and
  --task       ID of a finished task in it, to look at its result
  --interval   milliseconds from one request to the next (default 500, at least 200)
  --output     file for the result (default probe-result.md)
  --yes        do not ask before --write creates records

The base URL, application ID and secret are asked for, or read from the environment variables
RINGME_BASE_URL, RINGME_APPLICATION_ID and RINGME_APPLICATION_SECRET.`;

const ENVIRONMENT = {
	baseUrl: 'RINGME_BASE_URL',
	applicationId: 'RINGME_APPLICATION_ID',
	secret: 'RINGME_APPLICATION_SECRET',
} as const;

const DEFAULT_INTERVAL_MS = 500;
/** For a PBX that others use, too. */
const MIN_INTERVAL_MS = 200;
const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];
const terminal = { input: process.stdin, output: process.stdout };

/**
 * Runs the command.
 * @returns the exit code: 0 if the run came to its end and the PBX always responded, 1 if not, 130 after
 * Ctrl-C
 */
export async function main(args: string[]): Promise<number> {
	const options = parseOptions(args);
	if (!options) {
		console.error(USAGE);
		return 1;
	}
	if (options.help) {
		console.log(USAGE);
		return 0;
	}
	const application = await readApplication();
	const { write, only, ids, intervalMs, isConfirmed } = options;
	if (intervalMs < MIN_INTERVAL_MS && !isThisMachine(new URL(application.baseUrl))) {
		throw new StopError(`--interval must be at least ${MIN_INTERVAL_MS} milliseconds.`);
	}
	console.log(
		`At most ${maxRequestsOf(options)} requests, one every ${intervalMs / 1000} s. ${
			write
				? 'Creates intervals, network permissions, a sound and webhooks that nothing uses, and deletes them at the end. Also asks for an agent of an extension that does not exist: if the PBX creates it, it is deleted, too. No phone rings.'
				: 'Nothing is changed: only tokens are requested and data is read.'
		}`,
	);
	if (write && !isConfirmed && !(await askYes(terminal, 'Go on?'))) return 1;

	const stop = stopOnSignal();
	const report = await runProbes({
		...application,
		intervalMs,
		write,
		only,
		ids,
		signal: stop.signal,
		async confirmLeftovers(records) {
			console.log('An earlier run left these records:');
			for (const { kind, mark } of records) console.log(`  ${kind} ${mark}`);
			return isConfirmed || (await askYes(terminal, 'Delete them?'));
		},
		onProbe: ({ name }) => console.log(`- ${name}`),
		onCleanUp: () => console.log('Deleting what was created ...'),
	});
	console.log(`\n${renderTable(report, process.stdout.columns ?? 120)}\n`);
	for (const note of notesOf(report)) console.log(note);
	const manifest = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
	const { version } = JSON.parse(manifest) as { version: string };
	const date = new Date().toISOString().slice(0, 10);
	await writeFile(options.output, renderMarkdown(report, { version, date }));
	console.log(
		`${summaryOf(report)}. The result is in ${options.output}: read it, then attach it to an issue.`,
	);
	if (stop.signal.aborted) return 130;
	const { stopped, unanswered, left } = report;
	return stopped === undefined && unanswered === 0 && left.length === 0 ? 0 : 1;
}

/** @returns undefined for wrong arguments. Their values are never shown: one could be a secret. */
function parseOptions(args: string[]) {
	try {
		const { values } = parseArgs({
			args,
			options: {
				write: { type: 'boolean', default: false },
				only: { type: 'string' },
				scheduler: { type: 'string' },
				task: { type: 'string' },
				interval: { type: 'string', default: String(DEFAULT_INTERVAL_MS) },
				output: { type: 'string', default: 'probe-result.md' },
				yes: { type: 'boolean', default: false },
				help: { type: 'boolean', short: 'h', default: false },
			},
		});
		const only = values.only?.split(',');
		const names = probesOf({ write: values.write }).map(({ name }) => name);
		if (only?.some((name) => !names.includes(name))) return undefined;
		const intervalMs = Number(values.interval);
		if (!(intervalMs >= 0 && intervalMs <= 60_000)) return undefined;
		return {
			help: values.help,
			write: values.write,
			only,
			isConfirmed: values.yes,
			ids: { schedulerId: values.scheduler, taskId: values.task },
			intervalMs,
			output: values.output,
		};
	} catch {
		return undefined;
	}
}

/** Base URL, application ID and secret from the environment, or from the terminal. @throws StopError */
async function readApplication() {
	const baseUrl = checkBaseUrl(await readValue('baseUrl', 'Base URL of the API: ', askLine));
	const applicationId = await readValue('applicationId', 'Application ID: ', askLine);
	const secret = await readValue('secret', 'Application secret (not shown): ', askSecret);
	return { baseUrl, applicationId, secret };
}

async function readValue(
	name: keyof typeof ENVIRONMENT,
	question: string,
	ask: typeof askLine,
): Promise<string> {
	const value = process.env[ENVIRONMENT[name]]?.trim();
	if (value) return value;
	if (!process.stdin.isTTY) throw new StopError(`Set ${ENVIRONMENT[name]}, or use a terminal.`);
	const entered = (await ask(terminal, question)).trim();
	if (!entered) throw new StopError('A value is missing.');
	return entered;
}

/** @returns the URL without a path and slash @throws StopError unless secrets are safe on the way */
export function checkBaseUrl(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isThisMachine(url))) {
		throw new StopError('The base URL must begin with https://');
	}
	if (url.username || url.password)
		throw new StopError('The base URL must not contain a password.');
	return url.origin;
}

const isThisMachine = ({ hostname }: URL) => THIS_MACHINE.includes(hostname);

/** Ctrl-C and a termination end the run after the request in flight; then what was created is deleted. */
function stopOnSignal(): AbortController {
	const controller = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => {
			console.error('\nStopping. What was created is deleted first; this takes a moment.');
			controller.abort();
		});
	}
	return controller;
}
