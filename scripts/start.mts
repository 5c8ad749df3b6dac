/**
 * `npm start`: the package in a real n8n against the sandbox PBX.
 *
 * Builds the package, installs it in an n8n of its own (kept in `.local`), starts the sandbox, imports the example
 * workflow, runs it once on `examples/people.csv`, prints the task of every person on the list, and keeps n8n and the
 * sandbox, with its page to make calls, running until Ctrl-C. With `--once` it ends after the table: exit status 0 if
 * every person has a finished task, else 1.
 */
import { parseArgs } from 'node:util';
import { startSandbox, type Sandbox } from '../sandbox/index.mts';
import { buildPackage } from '../test/support/buildPackage.mts';
import { Editor, type RunResult, type Workflow } from '../test/support/n8n/editor.mts';
import { importExample } from '../test/support/n8n/exampleWorkflow.mts';
import { installN8n } from '../test/support/n8n/installN8n.mts';
import { installPackage } from '../test/support/n8n/installPackage.mts';
import { sandboxAccess } from '../test/support/n8n/sandboxAccess.mts';
import { startN8n } from '../test/support/n8n/startN8n.mts';
import { withProgress } from '../test/support/withProgress.mjs';
import { acquireLock } from './start/acquireLock.mts';
import { findPort } from './start/findPort.mts';
import { countFinished, readPeople, reportTasks } from './start/taskReport.mts';

const EDITOR_PORT = 5678;
const BROKER_PORT = 5679;
const SANDBOX_PORT = 8787;
const ABORTED = 130;
const PARENT_CHECK_MS = 1_000;

const { values: options } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

const log = (line: string) => console.log(line);
/** Called at the end, last first. */
const cleanups: Array<() => Promise<unknown>> = [];
const stopping = new AbortController();
// A terminal sends Ctrl-C to npm and to us, and npm forwards it: it may come twice. The script in package.json begins
// with `exec`, because a shell in between would not forward it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
// npm itself can be killed without forwarding anything.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && end(), PARENT_CHECK_MS).unref();

process.exit(await main());

function end(): void {
	if (!stopping.signal.aborted) log('\nStopping ...');
	stopping.abort();
}

async function main(): Promise<number> {
	try {
		return await start();
	} catch (error) {
		if (stopping.signal.aborted) return ABORTED;
		console.error(`\n${error instanceof Error ? error.message : String(error)}`);
		return 1;
	} finally {
		for (const cleanup of cleanups.reverse()) await cleanup().catch(console.error);
	}
}

async function start(): Promise<number> {
	cleanups.push(await acquireLock());

	await buildPackage(log, stopping.signal);
	const n8n = await installN8n(log, stopping.signal);
	stopping.signal.throwIfAborted();
	const { name, version } = await installPackage();
	log(`${name} ${version} is installed in n8n ${n8n.version}.`);

	// Its clock is that of n8n: lists of the last week, and what the polling trigger asks for, have the same week.
	const sandbox = await startSandbox({
		port: await findPort('the sandbox PBX', SANDBOX_PORT, log),
		clock: 'real',
	});
	cleanups.push(async () => await sandbox.stop());
	log(`The sandbox PBX is at ${sandbox.url}.`);

	const ports = {
		editor: await findPort('the editor', EDITOR_PORT, log),
		broker: await findPort("n8n's task broker", BROKER_PORT, log),
	};
	log('Starting n8n (the first time takes longer) ...');
	const server = await startN8n(n8n, ports, log, stopping.signal);
	cleanups.push(async () => await server.stop());
	process.on('exit', () => server.kill());

	const { exitCode, workflow, login } = await Promise.race([
		runExample(server.url, sandbox),
		server.died.then((error) => Promise.reject(error)),
	]);
	if (options.once) return exitCode;

	log(`The editor is open at  ${server.url}/workflow/${workflow.id}`);
	log(`Log in with            ${login.email}  and  ${login.password}`);
	log(`Make calls at          ${sandbox.url}  (phones, text messages, agents, what the PBX sends)`);
	log('Ctrl-C ends n8n and the sandbox; workflows and credentials are kept.');
	await waitForStop(server.died);
	return exitCode;
}

/** Runs the example and prints the results; `exitCode` is 1 if they are not as they should be. */
async function runExample(url: string, sandbox: Sandbox) {
	const editor = await Editor.open(url);
	const workflow = await importExample(editor, sandboxAccess(sandbox));
	log(`Running the workflow "${workflow.name}" ...`);
	const problems = await printTasks(sandbox, workflow, await editor.run(workflow)).catch(
		(error: Error) => [error.message],
	);
	stopping.signal.throwIfAborted();
	for (const problem of problems) console.error(problem);
	return { exitCode: problems.length > 0 ? 1 : 0, workflow, login: editor.login };
}

/** @returns the problems, for a person to read */
async function printTasks(sandbox: Sandbox, workflow: Workflow, run: RunResult) {
	const people = readPeople(workflow, run);
	log(`${people.length} people went in; the PBX is calling them ...`);
	await withProgress(
		sandbox.telephony.finishTasks(),
		log,
		() => `${countFinished(people, sandbox)} of ${people.length} tasks are finished`,
	);
	const { table, problems } = reportTasks(people, sandbox);
	log(`\n${table}\n`);
	return problems;
}

/** Resolves when this is stopped. @throws the error of n8n when that ends by itself */
async function waitForStop(died: Promise<Error>): Promise<void> {
	await Promise.race([
		died.then((error) => Promise.reject(error)),
		new Promise<void>((resolve) => {
			if (stopping.signal.aborted) resolve();
			stopping.signal.addEventListener('abort', () => resolve());
		}),
	]);
}
