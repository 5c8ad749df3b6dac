/**
 * `npm start`: the package in a real n8n against the sandbox PBX.
 *
 * Builds the package, installs it in an n8n of its own (kept in `.local`), starts the sandbox, imports the example
 * workflow and runs it once on `examples/people.csv`, prints what became of every person on the list, and leaves the
 * editor open until Ctrl-C. With `--once` it ends after the table: exit status 0 if every person got a task that the PBX
 * worked through, else 1.
 */
import { parseArgs } from 'node:util';
import { startSandbox, type Sandbox } from '../sandbox/index.mts';
import { APPLICATIONS } from '../sandbox/oauth/tokens.mts';
import { build } from './build.mts';
import { installPackage } from './n8n/community-package.mts';
import { Editor, type RunResult, type Workflow } from './n8n/editor.mts';
import { importExample } from './n8n/example.mts';
import { installN8n } from './n8n/install.mts';
import { telling } from './progress.mjs';
import { startN8n } from './n8n/server.mts';
import { beAlone } from './start/alone.mts';
import { countFinished, peopleIn, report, untilCalled } from './start/campaign.mts';
import { portFor } from './start/ports.mts';

const EDITOR_PORT = 5678;
const BROKER_PORT = 5679;
const SANDBOX_PORT = 8787;
/** Two minutes of the PBX pass in a second, so that nobody waits for phones to ring. */
const SANDBOX_SPEED = 120;
/** The start of the clock: a Thursday noon, within anybody's calling hours. */
const SANDBOX_START = Date.UTC(2026, 0, 15, 12);
const ABORTED = 130;
const PARENT_CHECK_MS = 1_000;

const { values: options } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

const say = (line: string) => console.log(line);
/** What to undo at the end, last first. */
const cleanups: Array<() => Promise<unknown>> = [];
const stop = new AbortController();
// A terminal sends Ctrl-C to npm and to us, and npm sends it on: it may come twice. The script in package.json begins
// with `exec`, because a shell in between would keep for itself what npm sends on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
// npm itself can be killed without a word.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && end(), PARENT_CHECK_MS).unref();

process.exit(await main());

function end(): void {
	if (!stop.signal.aborted) say('\nStopping ...');
	stop.abort();
}

async function main(): Promise<number> {
	try {
		return await start();
	} catch (error) {
		if (stop.signal.aborted) return ABORTED;
		console.error(`\n${error instanceof Error ? error.message : String(error)}`);
		return 1;
	} finally {
		for (const cleanup of cleanups.reverse()) await cleanup().catch(console.error);
	}
}

async function start(): Promise<number> {
	cleanups.push(await beAlone());

	await build(say, stop.signal);
	const n8n = await installN8n(say, stop.signal);
	stop.signal.throwIfAborted();
	const { name, version } = await installPackage();
	say(`${name} ${version} is installed in n8n ${n8n.version}.`);

	const sandbox = await startSandbox({
		port: await portFor('the sandbox PBX', SANDBOX_PORT, say),
		clock: 'real',
		speed: SANDBOX_SPEED,
		start: SANDBOX_START,
	});
	cleanups.push(async () => await sandbox.stop());
	say(`The sandbox PBX is at ${sandbox.url}, its clock runs ${SANDBOX_SPEED} times as fast.`);

	const ports = {
		editor: await portFor('the editor', EDITOR_PORT, say),
		broker: await portFor("n8n's task broker", BROKER_PORT, say),
	};
	say('Starting n8n (the first time takes longer) ...');
	const server = await startN8n(n8n, ports, say, stop.signal);
	cleanups.push(async () => await server.stop());
	process.on('exit', () => server.kill());

	const { status, workflow, login } = await Promise.race([
		callPeople(server.url, sandbox),
		server.died.then((error) => Promise.reject(error)),
	]);
	if (options.once) return status;

	say(`The editor is open at  ${server.url}/workflow/${workflow.id}`);
	say(`Log in with            ${login.email}  and  ${login.password}`);
	say('Ctrl-C ends n8n and the sandbox; workflows and credentials are kept.');
	await ended(server.died);
	return status;
}

/** Runs the example and prints what became of it; `status` is 1 if that is not what it should be. */
async function callPeople(url: string, sandbox: Sandbox) {
	const editor = await Editor.open(url);
	const [{ id: clientId, secret: clientSecret }] = APPLICATIONS;
	const workflow = await importExample(editor, { baseUrl: sandbox.url, clientId, clientSecret });
	say(`Running the workflow "${workflow.name}" ...`);
	const problems = await printCampaign(sandbox, workflow, await editor.run(workflow)).catch(
		(error: Error) => [error.message],
	);
	stop.signal.throwIfAborted();
	for (const problem of problems) console.error(problem);
	return { status: problems.length > 0 ? 1 : 0, workflow, login: editor.login };
}

/** @returns what is wrong, for a person to read */
async function printCampaign(sandbox: Sandbox, workflow: Workflow, run: RunResult) {
	const people = peopleIn(workflow, run);
	say(`${people.length} people went in; the PBX is calling them ...`);
	await telling(
		untilCalled(people, sandbox, stop.signal),
		say,
		() => `${countFinished(people, sandbox)} of ${people.length} tasks are finished`,
	);
	const { table, problems } = report(people, sandbox);
	say(`\n${table}\n`);
	return problems;
}

/** Until somebody stops it, or n8n ends by itself (then: its error). */
async function ended(died: Promise<Error>): Promise<void> {
	await Promise.race([
		died.then((error) => Promise.reject(error)),
		new Promise<void>((resolve) => {
			if (stop.signal.aborted) resolve();
			stop.signal.addEventListener('abort', () => resolve());
		}),
	]);
}
