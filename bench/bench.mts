/**
 * Every speed figure of the README: `npm run bench`. Each is a ratio of two things measured in turns
 * in one run, because machines differ and are noisy. With arguments, only the named ones:
 * `npm run bench -- tasks get`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { createEngine, type Engine } from '../test/harness/engine.mts';

const ROUNDS = 7;
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const median = (values: number[]) =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Runs the contenders in turns, so that what disturbs the machine disturbs all of them. One that runs
 * a workflow gives the time of its execution, without what the engine's set-up took.
 */
async function inTurns(
	contenders: Record<string, () => Promise<number | void>>,
	between = async () => {},
) {
	const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, [] as number[]]));
	for (let round = 0; round <= ROUNDS; round++) {
		for (const [name, run] of Object.entries(contenders)) {
			await between();
			const start = performance.now();
			const own = await run();
			// The first round warms up.
			if (round > 0) times[name].push(own ?? performance.now() - start);
		}
	}
	return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

interface Server {
	url: string;
	stats(): Promise<{ most: number; requests: number }>;
	end(): void;
}

async function startServer(file = './server.mts', latency = 0): Promise<Server> {
	const child: ChildProcess = fork(path(file), {
		execArgv: ['--import', 'tsx'],
		env: { ...process.env, LATENCY_MS: String(latency) },
	});
	const { port } = await new Promise<{ port: number }>((resolve, reject) => {
		child.once('message', (message) => resolve(message as { port: number }));
		child.once('exit', () => reject(new Error('The bench server did not start')));
	});
	const url = `http://127.0.0.1:${port}`;
	return {
		url,
		stats: async () => JSON.parse(await send(`${url}/stats`)) as { most: number; requests: number },
		end: () => void child.disconnect(),
	};
}

/** A request with nothing around it. */
async function send(url: string, body?: string, token = 'bench'): Promise<string> {
	const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
	const response = await fetch(url, { method: body ? 'POST' : 'GET', headers, body });
	return await response.text();
}

const api = '/api/ver1.0/client/@me';

/** Milliseconds of a run of the node, which must succeed with so many items. */
async function run(
	engine: Engine,
	server: Server,
	parameters: INodeParameters,
	json: IDataObject[],
	expected = json.length,
	accessToken = 'bench',
) {
	const result = await engine.run({
		node: 'ringMe',
		parameters: { authentication: 'accessToken', ...parameters },
		json,
		credentials: { ringMeApi: { baseUrl: server.url, accessToken, client: '@me' } },
	});
	if (result.items.length !== expected) {
		throw new Error(`${result.items.length} of ${expected} items: ${result.error?.message}`);
	}
	return result.timeMs;
}

const ratio = (value: number, base: number) => (value / base).toFixed(2);
const ms = (value: number) => `${Math.round(value)} ms`;
const table = new Table({ head: ['What', 'Node', 'Compared with', 'Ratio'], style: { head: [] } });

/**
 * 10,000 items in batches of 500, against a loop that sends the same 20 requests: to the sandbox PBX,
 * and to a server that does nothing, where the node's own work has nothing to hide behind.
 */
async function tasks(engine: Engine) {
	await tasksAt(engine, 'the sandbox PBX', './pbx.mts', 'sandbox-token');
	await tasksAt(engine, 'a server that does nothing', './server.mts', 'bench');
}

async function tasksAt(engine: Engine, where: string, file: string, token: string) {
	const server = await startServer(file);
	const people = Array.from({ length: 10_000 }, (_, index) => ({
		a_number: `+7916${1_000_000 + index}`,
		b_number: '101',
		name: `Person ${index}`,
		try_count: 3,
	}));
	const url = `${server.url}${api}/task_scheduler/2/tasks/`;
	const add = { resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' };
	const fields = {
		aNumber: '={{ $json.a_number }}',
		bNumber: '={{ $json.b_number }}',
		name: '={{ $json.name }}',
		tryCount: '={{ $json.try_count }}',
	};
	const evaluated = Object.fromEntries(
		Object.entries(fields).map(([name, text]) => [name, text.replace(' }}', '.valueOf() }}')]),
	);
	const node = (more: INodeParameters) => async () =>
		await run(engine, server, { ...add, ...more }, people, people.length, token);
	const times = await inTurns(
		{
			loop: async () => {
				for (let start = 0; start < people.length; start += 500) {
					const body = JSON.stringify({ tasks: people.slice(start, start + 500) });
					JSON.parse(await send(url, body, token));
				}
			},
			automatic: node({}),
			fields: node({ taskInput: 'fields', task: fields }),
			evaluated: node({ taskInput: 'fields', task: evaluated }),
		},
		// What one contender added must not slow down the next.
		async () => void (await fetch(`${server.url}/_control/reset`, { method: 'POST' })),
	);
	server.end();
	const loop = `the same 20 requests from a plain loop to ${where}, ${ms(times.loop)}`;
	const line = (what: string, time: number) =>
		table.push([`Add Tasks, 10,000 items, ${what}`, ms(time), loop, ratio(time, times.loop)]);
	line('Map Automatically', times.automatic);
	line('Map Each Field (4 dragged fields)', times.fields);
	line('Map Each Field (4 other expressions)', times.evaluated);
}

/** Get for 500 items, against a declarative node that has nothing but the id. Ratio of items per second. */
async function get(engine: Engine) {
	const server = await startServer();
	const smallest = await createEngine({ packageFolder: path('./one-field') });
	const json = Array.from({ length: 500 }, (_, index) => ({ id: index + 1 }));
	const times = await inTurns({
		smallest: async () => {
			const { items, timeMs } = await smallest.run({
				node: 'oneField',
				parameters: { id: '={{ $json.id }}' },
				json,
				credentials: { oneFieldApi: { baseUrl: server.url, accessToken: 'bench' } },
			});
			if (items.length !== json.length) throw new Error('The one-field node failed');
			return timeMs;
		},
		ringMe: async () =>
			await run(
				engine,
				server,
				{
					resource: 'extension',
					operation: 'get',
					extensionId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
				},
				json,
			),
	});
	server.end();
	table.push([
		'Get, 500 items',
		ms(times.ringMe),
		`a one-field declarative node, ${ms(times.smallest)}`,
		`${ratio(times.smallest, times.ringMe)} of its items per second`,
	]);
}

/** Return All of 10,000 extensions, against a loop over the same pages. */
async function pages(engine: Engine) {
	const server = await startServer();
	const all = { resource: 'extension', operation: 'getMany', returnAll: true, simplify: false };
	const times = await inTurns({
		loop: async () => {
			for (let page = 1; page <= 101; page++) {
				JSON.parse(await send(`${server.url}${api}/extension/?page=${page}&per_page=100`));
			}
		},
		node: async () => await run(engine, server, all, [{}], 10_000),
	});
	server.end();
	table.push([
		'Return All, 10,000 extensions',
		ms(times.node),
		`a raw loop over the same pages, ${ms(times.loop)}`,
		ratio(times.node, times.loop),
	]);
}

/** 500 items against a PBX that takes 100 ms: how many requests it sees at once. */
async function inFlight(engine: Engine) {
	const server = await startServer('./server.mts', 100);
	const json = Array.from({ length: 500 }, (_, index) => ({ id: index + 1 }));
	const parameters = {
		resource: 'extension',
		operation: 'get',
		extensionId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
	};
	const time = await run(engine, server, parameters, json);
	const { most } = await server.stats();
	server.end();
	if (most > 5) throw new Error(`${most} requests in flight`);
	table.push([
		'Get, 500 items, PBX takes 100 ms',
		ms(time),
		'five at a time, 10000 ms',
		`at most ${most} in flight`,
	]);
}

const benches = { tasks, get, pages, inFlight };
const wanted = process.argv.slice(2);
const engine = await createEngine();
for (const [name, bench] of Object.entries(benches)) {
	if (wanted.length && !wanted.includes(name)) continue;
	process.stderr.write(`measuring ${name} ...\n`);
	await bench(engine);
}
const expressions = process.env.N8N_EXPRESSION_ENGINE ?? 'legacy';
console.log(
	`Node ${process.version}, ${expressions} expression engine, medians of ${ROUNDS} rounds`,
);
console.log(table.toString());
process.exit();
