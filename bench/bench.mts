/**
 * `npm run bench`: the figures of docs/performance.md. Each is a ratio of two things measured in turns in one run,
 * because machines differ and are noisy. With names as arguments only those run: `npm run bench -- tasks get`.
 */
import { fork, execFile, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import Table from 'cli-table3';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { createEngine, type Engine } from '../test/harness/engine.mts';
import { ROOT } from '../test/support/paths.mts';

const ROUNDS = 7;
const API = '/api/ver1.0/client/@me';
const FAST_PBX = { file: 'fastPbx.mts', accessToken: 'bench' };
const SIMULATED_PBX = { file: 'simulatedPbx.mts', accessToken: 'sandbox-token' };

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const median = (values: number[]) =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Runs the candidates in turns, so that what disturbs the machine disturbs all of them.
 *
 * @param candidates return their milliseconds, or nothing: then the whole call is measured
 * @param reset called before each
 * @returns the median of each
 */
async function measureInTurns<Name extends string>(
	candidates: Record<Name, () => Promise<number | void>>,
	reset = async () => {},
): Promise<Record<Name, number>> {
	const entries = Object.entries(candidates) as Array<[Name, () => Promise<number | void>]>;
	const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
	for (let round = 0; round <= ROUNDS; round++) {
		for (const [name, run] of entries) {
			await reset();
			const startedAt = performance.now();
			const ownTime = await run();
			// The first round warms up.
			if (round > 0) times.get(name)?.push(ownTime ?? performance.now() - startedAt);
		}
	}
	return Object.fromEntries([...times].map(([name, values]) => [name, median(values)])) as Record<
		Name,
		number
	>;
}

interface Pbx {
	url: string;
	accessToken: string;
	stop(): void;
}

async function startPbx({ file, accessToken } = FAST_PBX, latencyMs = 0): Promise<Pbx> {
	const child: ChildProcess = fork(fixture(file), {
		execArgv: ['--import', 'tsx'],
		env: { ...process.env, LATENCY_MS: String(latencyMs) },
	});
	const { port } = await new Promise<{ port: number }>((resolve, reject) => {
		child.once('message', (message) => resolve(message as { port: number }));
		child.once('exit', () => reject(new Error(`${file} did not start`)));
	});
	return { url: `http://127.0.0.1:${port}`, accessToken, stop: () => void child.disconnect() };
}

/** A request with nothing around it. */
async function send({ accessToken }: Pbx, url: string, body?: string): Promise<string> {
	const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
	const response = await fetch(url, { method: body ? 'POST' : 'GET', headers, body });
	return await response.text();
}

/** Milliseconds of a run of a node, which must return the expected number of items. */
async function timeRun(
	engine: Engine,
	run: Parameters<Engine['run']>[0] & { json: IDataObject[] },
	expected = run.json.length,
): Promise<number> {
	const { items, error, timeMs } = await engine.run(run);
	if (items.length !== expected) {
		throw new Error(`${run.node}: ${items.length} of ${expected} items: ${error?.message}`);
	}
	return timeMs;
}

async function runNode(
	engine: Engine,
	{ url: baseUrl, accessToken }: Pbx,
	nodeParameters: INodeParameters,
	json: IDataObject[],
	expected?: number,
): Promise<number> {
	const parameters = { authentication: 'accessToken', ...nodeParameters };
	const credentials = { ringMeApi: { baseUrl, accessToken, client: '@me' } };
	return await timeRun(engine, { node: 'ringMe', parameters, json, credentials }, expected);
}

/** A node of bench/fixtures/smallest-nodes. */
async function runSmallest(
	engine: Engine,
	{ url: baseUrl, accessToken }: Pbx,
	node: string,
	parameters: INodeParameters,
	json: IDataObject[],
	expected?: number,
): Promise<number> {
	const credentials = { smallestApi: { baseUrl, accessToken } };
	return await timeRun(engine, { node, parameters, json, credentials }, expected);
}

const ratio = (value: number, base: number) => (value / base).toFixed(2);
const ms = (value: number) => `${Math.round(value)} ms`;
const table = new Table({ head: ['What', 'Node', 'Compared with', 'Ratio'], style: { head: [] } });

/** Loading the built node, against loading n8n-workflow before in the same process. */
async function load() {
	const file = join(ROOT, 'dist', 'nodes', 'RingMe', 'RingMe.node.js');
	const script = `
		const measure = (load) => {
			const startedAt = performance.now();
			load();
			return performance.now() - startedAt;
		};
		const workflow = measure(() => require('n8n-workflow'));
		const node = measure(() => new (require(${JSON.stringify(file)}).RingMe)());
		console.log(JSON.stringify({ workflow, node }));
	`;
	const times: Array<{ workflow: number; node: number }> = [];
	for (let round = 0; round < ROUNDS; round++) {
		const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: ROOT });
		times.push(JSON.parse(stdout) as { workflow: number; node: number });
	}
	const [node, workflow] = [
		median(times.map((each) => each.node)),
		median(times.map((each) => each.workflow)),
	];
	const comparison = `loading n8n-workflow, ${ms(workflow)}`;
	table.push(['Loading the node', ms(node), comparison, ratio(node, workflow)]);
}

/**
 * 10,000 items in batches of 500, against a loop that sends the same 20 requests: to the sandbox PBX, and to a server
 * that does nothing, where nothing hides the node's own work.
 */
async function tasks(engine: Engine) {
	await measureTasks(engine, 'the sandbox PBX', await startPbx(SIMULATED_PBX));
	await measureTasks(engine, 'a server that does nothing', await startPbx());
}

async function measureTasks(engine: Engine, pbxName: string, pbx: Pbx) {
	const people = Array.from({ length: 10_000 }, (_, index) => ({
		a_number: `+7916${1_000_000 + index}`,
		b_number: '101',
		name: `Person ${index}`,
		try_count: 3,
	}));
	const url = `${pbx.url}${API}/task_scheduler/2/tasks/`;
	const addTasks = { resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' };
	const mapFields = (toExpression: (field: string) => string) => ({
		taskInput: 'fields',
		aNumber: toExpression('a_number'),
		bNumber: toExpression('b_number'),
		taskFields: { name: toExpression('name'), tryCount: toExpression('try_count') },
	});
	const node = (parameters: INodeParameters) => async () =>
		await runNode(engine, pbx, { ...addTasks, ...parameters }, people);
	const times = await measureInTurns(
		{
			loop: async () => {
				for (let start = 0; start < people.length; start += 500) {
					const body = JSON.stringify({ tasks: people.slice(start, start + 500) });
					JSON.parse(await send(pbx, url, body));
				}
			},
			automatic: node({}),
			remembered: node({ options: { skipPeopleAddedBefore: true } }),
			dragged: node(mapFields((field) => `={{ $json.${field} }}`)),
			evaluated: node(mapFields((field) => `={{ $json.${field}.valueOf() }}`)),
		},
		// The tasks of one candidate must not slow down the next.
		async () => {
			engine.n8n.processed.clear();
			await fetch(`${pbx.url}/_control/reset`, { method: 'POST' });
		},
	);
	pbx.stop();
	const comparison = `the same 20 requests from a plain loop to ${pbxName}, ${ms(times.loop)}`;
	const addLine = (what: string, time: number) =>
		table.push([`Add Tasks, 10,000 items, ${what}`, ms(time), comparison, ratio(time, times.loop)]);
	addLine('Map Automatically', times.automatic);
	addLine('the same with Skip People Added Before', times.remembered);
	addLine('Map Each Field (4 dragged fields)', times.dragged);
	addLine('Map Each Field (4 other expressions)', times.evaluated);
}

const GET_EXTENSION = {
	resource: 'extension',
	operation: 'get',
	extensionId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
};

/** Get for 500 items, against a declarative node that has nothing but the id. Ratio of items per second. */
async function get(engine: Engine) {
	const pbx = await startPbx();
	const smallest = await createEngine({ packageFolder: fixture('smallest-nodes') });
	const json = Array.from({ length: 500 }, (_, index) => ({ id: index + 1 }));
	const times = await measureInTurns({
		smallest: async () =>
			await runSmallest(smallest, pbx, 'oneField', { id: '={{ $json.id }}' }, json),
		ringMe: async () => await runNode(engine, pbx, GET_EXTENSION, json),
	});
	pbx.stop();
	table.push([
		'Get, 500 items',
		ms(times.ringMe),
		`a one-field declarative node, ${ms(times.smallest)}`,
		`${ratio(times.smallest, times.ringMe)} of its items per second`,
	]);
}

/**
 * Return All of 10,000 extensions, against a loop over the same pages, and against n8n's own HTTP helper, which opens a
 * connection and decrypts the credential for every request.
 */
async function pages(engine: Engine) {
	const pbx = await startPbx();
	const smallest = await createEngine({ packageFolder: fixture('smallest-nodes') });
	const getAll = { resource: 'extension', operation: 'getMany', returnAll: true, simplify: false };
	const times = await measureInTurns({
		loop: async () => {
			for (let page = 1; page <= 101; page++) {
				JSON.parse(await send(pbx, `${pbx.url}${API}/extension/?page=${page}&per_page=100`));
			}
		},
		helper: async () => await runSmallest(smallest, pbx, 'allPages', {}, [{}], 10_000),
		node: async () => await runNode(engine, pbx, getAll, [{}], 10_000),
	});
	pbx.stop();
	const addLine = (comparison: string, time: number) =>
		table.push([
			'Return All, 10,000 extensions',
			ms(times.node),
			`${comparison}, ${ms(time)}`,
			ratio(times.node, time),
		]);
	addLine('a raw loop over the same pages', times.loop);
	addLine("n8n's HTTP helper alone, five pages at a time", times.helper);
}

/** 500 items against a PBX with a latency of 100 ms: how many requests it gets at once. */
async function inFlight(engine: Engine) {
	const pbx = await startPbx(FAST_PBX, 100);
	const json = Array.from({ length: 500 }, (_, index) => ({ id: index + 1 }));
	const time = await runNode(engine, pbx, GET_EXTENSION, json);
	const stats = JSON.parse(await send(pbx, `${pbx.url}/stats`)) as { maxInFlight: number };
	pbx.stop();
	if (stats.maxInFlight > 5) throw new Error(`${stats.maxInFlight} requests in flight`);
	table.push([
		'Get, 500 items, PBX takes 100 ms',
		ms(time),
		'five at a time, 10000 ms',
		`at most ${stats.maxInFlight} in flight`,
	]);
}

const benches = { load, tasks, get, pages, inFlight };
const names = process.argv.slice(2);
const engine = await createEngine();
for (const [name, bench] of Object.entries(benches)) {
	if (names.length > 0 && !names.includes(name)) continue;
	process.stderr.write(`measuring ${name} ...\n`);
	await bench(engine);
}
const expressionEngine = process.env.N8N_EXPRESSION_ENGINE ?? 'legacy';
console.log(
	`Node ${process.version}, ${expressionEngine} expression engine, medians of ${ROUNDS} rounds`,
);
console.log(table.toString());
process.exit();
