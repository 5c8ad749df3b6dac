// The probe as a command and over a network that breaks: what it shows, and what it leaves behind.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CHANGING, READING } from '../../probe/probes/index.mts';
import type { FaultInput } from '../../sandbox/http/faults.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import { ROOT } from '../support/paths.mts';
import { waitFor } from '../support/waitFor.mts';
import { SECRET, namesWith, probe, recordsOf, startPbx } from './support/fixture.mts';

const APPLICATION_ID = 'sandbox-app';

let sandbox: Sandbox;
let before: string;
const folder = mkdtempSync(join(tmpdir(), 'probe-'));
const children: ChildProcess[] = [];
/** Arguments for all that creates records, and nothing else. */
const CREATE = ['--write', '--yes', '--only', CHANGING.map(({ name }) => name).join()];

beforeEach(async () => {
	sandbox = await startPbx();
	before = recordsOf(sandbox);
});
afterEach(async () => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
	expect(sandbox.errors).toEqual([]);
	await sandbox.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the command without a pause between requests. */
function startCommand(args: string[], environment: Record<string, string> = {}) {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', 'scripts/probe.mts', '--interval', '0', ...args],
		{
			cwd: ROOT,
			env: {
				PATH: process.env.PATH,
				RINGME_BASE_URL: sandbox.url,
				RINGME_APPLICATION_ID: APPLICATION_ID,
				RINGME_APPLICATION_SECRET: SECRET,
				...environment,
			},
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	children.push(child);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	}
	const closed = once(child, 'close') as Promise<[number | null]>;
	return {
		child,
		async end() {
			const [exitCode] = await closed;
			return { exitCode, output };
		},
	};
}

/** Waits until the probe has created a record. */
const waitForRecord = async () =>
	await waitFor('a record of the probe', () => recordsOf(sandbox) !== before, { intervalMs: 1 });

describe('npm run probe', () => {
	it('writes a result without secrets, tokens, addresses, names and phone numbers', async () => {
		const file = join(folder, 'result.md');
		const { exitCode, output } = await startCommand(['--write', '--yes', '--output', file]).end();
		expect(exitCode).toBe(0);
		const result = readFileSync(file, 'utf8');
		for (const { name } of [...READING, ...CHANGING]) expect(result).toContain(`| \`${name}\` |`);
		expect(result).not.toContain('REFUTED');
		const { store } = sandbox;
		const personal = [
			SECRET,
			APPLICATION_ID,
			new URL(sandbox.url).host,
			...sandbox.journal.all().map(({ headers }) => String(headers.authorization).split(' ')[1]),
			...store.users.list().map(({ login }) => login),
			...store.extensions.list().flatMap(({ name, label }) => [name, label]),
			...store.dids.list().map(({ name }) => name),
		].filter((text) => typeof text === 'string' && text.length > 3);
		expect(personal.length).toBeGreaterThan(20);
		for (const text of personal) {
			expect(result).not.toContain(text);
			expect(output).not.toContain(text);
		}
		expect(result).not.toMatch(/\d{7}/);
		expect(recordsOf(sandbox)).toBe(before);
	});

	it.each([['--secret', SECRET], ['--only', SECRET], [SECRET]])(
		'takes no secret as an argument, and does not show it (%s)',
		async (...args) => {
			const { exitCode, output } = await startCommand(args).end();
			expect(exitCode).toBe(1);
			expect(output).toContain('npm run probe');
			expect(output).not.toContain(SECRET);
			expect(sandbox.journal.all()).toEqual([]);
		},
	);

	it('says which value is missing where there is no terminal to ask', async () => {
		const { exitCode, output } = await startCommand([], { RINGME_APPLICATION_SECRET: '' }).end();
		expect(exitCode).toBe(1);
		expect(output).toContain('RINGME_APPLICATION_SECRET');
	});

	it('sends the secret over https only, but for this machine', async () => {
		const { exitCode, output } = await startCommand([], {
			RINGME_BASE_URL: 'http://pbx.example',
		}).end();
		expect(exitCode).toBe(1);
		expect(output).toContain('https://');
	});

	it('asks a PBX on another machine at most five times a second', async () => {
		const { exitCode, output } = await startCommand([], {
			RINGME_BASE_URL: 'https://pbx.example',
		}).end();
		expect(exitCode).toBe(1);
		expect(output).toContain('at least 200 milliseconds');
	});

	it.each(['SIGINT', 'SIGTERM'] as const)(
		'deletes what it created when %s stops it half-way',
		async (signal) => {
			const file = join(folder, `${signal}.md`);
			const { child, end } = startCommand([...CREATE, '--output', file]);
			await waitForRecord();
			child.kill(signal);
			const { exitCode } = await end();
			expect(exitCode).toBe(130);
			expect(readFileSync(file, 'utf8')).toContain('The run ended early');
			expect(recordsOf(sandbox)).toBe(before);
		},
	);

	it('deletes in the next run what a killed run left', async () => {
		const killed = startCommand([...CREATE, '--output', join(folder, 'killed.md')]);
		await waitForRecord();
		killed.child.kill('SIGKILL');
		await killed.end();
		const { exitCode, output } = await startCommand([
			...CREATE,
			'--output',
			join(folder, 'next.md'),
		]).end();
		expect(exitCode).toBe(0);
		expect(output).toContain('An earlier run left these records');
		expect(recordsOf(sandbox)).toBe(before);
	});
});

/** A way to the sandbox that can be cut. */
class Network {
	private readonly sockets = new Set<Socket>();

	private isCut = false;
	/** Called after a connection that was dropped because the network is cut. */
	onRefused: (() => void) | undefined;

	private constructor(private readonly server: Server) {}

	static async open(port: number): Promise<Network> {
		const server = createServer();
		const network = new Network(server);
		server.on('connection', (socket) => network.forward(socket, port));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return network;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** Drops all connections, and new ones. */
	cut() {
		this.isCut = true;
		for (const socket of this.sockets) socket.destroy();
	}

	mend() {
		this.isCut = false;
	}

	close() {
		this.cut();
		this.server.close();
	}

	private forward(socket: Socket, port: number) {
		if (this.isCut) {
			socket.destroy();
			this.onRefused?.();
			return;
		}
		const target = connect(port, '127.0.0.1');
		for (const each of [socket, target]) {
			this.sockets.add(each);
			each.on('error', () => {});
			each.on('close', () => {
				this.sockets.delete(each);
				socket.destroy();
				target.destroy();
			});
		}
		socket.pipe(target).pipe(socket);
	}
}

describe('a network that breaks', () => {
	let network: Network;
	beforeEach(async () => {
		network = await Network.open(Number(new URL(sandbox.url).port));
	});
	afterEach(() => network.close());

	it.each(CHANGING.map(({ name }) => name))(
		'leaves nothing when it is back before the records are deleted, and refutes nothing (%s)',
		async (name) => {
			const running = probe(sandbox, { baseUrl: network.url, only: [name], retryMs: 50 });
			const requestsOfRun = () => sandbox.journal.find('POST', '/client/').length;
			await Promise.race([
				running,
				waitFor('a request that creates something', () => requestsOfRun() > 0, { intervalMs: 1 }),
			]);
			network.cut();
			network.onRefused = () => network.mend();
			const report = await running;
			expect(namesWith(report, 'refuted')).toEqual([]);
			expect(report.left).toEqual([]);
			expect(recordsOf(sandbox)).toBe(before);
		},
	);

	it('says what may be left when it does not come back, and the next run deletes it', async () => {
		const running = probe(sandbox, { baseUrl: network.url, retryMs: 5 });
		await waitForRecord();
		network.cut();
		const report = await running;
		expect(namesWith(report, 'refuted')).toEqual([]);
		expect(report.left.join()).toContain('n8n-nodes-ringme-probe');
		const next = await probe(sandbox, { only: ['wrong-method'] });
		expect(next.leftovers).toBeGreaterThan(0);
		expect(recordsOf(sandbox)).toBe(before);
	});
});

/** What a PBX that is down, or the web server in front of it, responds instead of the API. */
const DEATHS: Record<string, FaultInput> = {
	'an error in JSON': { kind: 'status', status: 500, body: { message: 'Internal error' } },
	'a page that says it is maintained': { kind: 'html200' },
	'a redirect to another page': { kind: 'redirect', to: '/maintenance' },
	'a dropped connection': { kind: 'dropBefore' },
	'half a response': { kind: 'truncate' },
};

describe('a PBX that dies half-way', () => {
	// Requests for statistics have to meet each other, which another fault of the PBX takes care of.
	const names = [...READING, ...CHANGING]
		.map(({ name }) => name)
		.filter((name) => name !== 'stats-concurrent');

	it.each(names)('refutes nothing, whatever it sends from any request on (%s)', async (name) => {
		const healthy = await probe(sandbox, { only: [name] });
		const [{ verdict: expected }] = healthy.results.map(({ verdict }) => verdict);
		for (const [death, fault] of Object.entries(DEATHS)) {
			// The first request is for the token.
			for (let request = 1; request < healthy.requests; request++) {
				sandbox.reset();
				sandbox.faults.add({ ...fault, after: request, times: Infinity });
				const { results, stopped, unanswered } = await probe(sandbox, { only: [name], retryMs: 0 });
				const [verdict] = results.map((result) => result.verdict.verdict);
				if (verdict === expected) continue;
				const isOpen = verdict === 'not answerable' ? unanswered === 1 : stopped !== undefined;
				expect({ death, request, verdict, isOpen }).toEqual({
					death,
					request,
					verdict: verdict && 'not answerable',
					isOpen: true,
				});
			}
		}
		sandbox.reset();
	});

	it('ends the command with the exit code 1, and says how many questions are open', async () => {
		sandbox.faults.add({ kind: 'status', status: 500, after: 20, times: Infinity });
		const file = join(folder, 'dead.md');
		const { exitCode, output } = await startCommand(['--output', file]).end();
		expect(exitCode).toBe(1);
		expect(output).toMatch(/The PBX did not respond to \d+ questions/);
		expect(readFileSync(file, 'utf8')).not.toContain('REFUTED');
	});
});
