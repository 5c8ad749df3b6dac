import type { FastifyInstance } from 'fastify';
import { controlRoutes, setAgentStatus } from './control.mts';
import { apiRoutes } from './http/api.mts';
import { createApp } from './http/app.mts';
import { loadContract } from './http/contract.mts';
import { Faults } from './http/faults.mts';
import { Journal } from './http/journal.mts';
import { RateLimit } from './http/rate-limit.mts';
import { oauthRoutes } from './oauth/routes.mts';
import { OAuth } from './oauth/tokens.mts';
import type { Pbx, SandboxOptions } from './pbx.mts';
import { fillStore, seedStore } from './state/seed.mts';
import { clearStore } from './state/store.mts';
import { createClock } from './telephony/clock.mts';
import { createTelephony } from './telephony/index.mts';

export type { Fault, FaultInput, FaultKind } from './http/faults.mts';
export type { JournalEntry } from './http/journal.mts';
export type { SandboxOptions } from './pbx.mts';

/** A PBX to run against. All of it is reachable over HTTP too (`/_control/`, see control.mts). */
export type Sandbox = Pick<
	Pbx,
	'url' | 'store' | 'journal' | 'faults' | 'clock' | 'oauth' | 'telephony' | 'rateLimit' | 'reset'
> & {
	/** What went wrong inside (answered with 500): a good test run ends with none. */
	errors: unknown[];
	/** An agent logs in or out at the phone; resolves when its addresses have been told. */
	agentLogin(id: number): Promise<void>;
	agentLogout(id: number): Promise<void>;
	stop(): Promise<void>;
};

const HOST = '127.0.0.1';

/** Starts a sandbox PBX on 127.0.0.1; it serves until `stop()`. @throws if the port is taken */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const contract = await loadContract();
	const settled: Pbx['options'] = {
		port: 0,
		seed: 'company',
		extensions: 0,
		rateLimit: 1_000_000,
		latencyMs: 0,
		clock: 'real',
		speed: 1,
		tokenLifeSeconds: 3600,
		strictRefresh: false,
		maxPerPage: 100,
		statsMs: 25,
		quiet: true,
		...options,
	};
	const errors: unknown[] = [];
	const report = (error: unknown) => {
		errors.push(error);
		if (!settled.quiet) console.error(error);
	};
	const clock = createClock({
		mode: settled.clock,
		speed: settled.speed,
		start: options.start,
		onError: report,
	});
	const wallTime = () => (clock.mode === 'virtual' ? clock.now() : Date.now());
	const seed = () => ({ ...settled, now: clock.now() });
	const store = seedStore(seed());
	const oauth = new OAuth(wallTime, settled.tokenLifeSeconds);
	const rateLimit = new RateLimit(settled.rateLimit, wallTime);
	const telephony = createTelephony({ store, clock, onError: report });
	let door: Door | undefined;
	const faults = new Faults((ms) => door?.close(ms));

	const pbx: Pbx = {
		options: settled,
		...{ url: '', store, clock, telephony, oauth, rateLimit, faults, wallTime },
		journal: new Journal(),
		statsRunning: false,
		reset() {
			telephony.stop();
			clearStore(store);
			fillStore(store, seed());
			faults.clear();
			oauth.reset();
			rateLimit.reset();
			pbx.journal.clear();
			telephony.start();
		},
	};
	const app = await createApp(pbx, report);
	apiRoutes(app, pbx, contract);
	oauthRoutes(app, pbx);
	controlRoutes(app, pbx);
	pbx.url = await app.listen({ port: settled.port, host: HOST });
	door = new Door(app);
	telephony.start();

	return {
		...{ store, clock, telephony, oauth, rateLimit, faults, errors },
		...{ url: pbx.url, journal: pbx.journal, reset: () => pbx.reset() },
		agentLogin: async (id) => await setAgentStatus(pbx, id, 'available'),
		agentLogout: async (id) => await setAgentStatus(pbx, id, 'logged_out'),
		async stop() {
			door?.end();
			telephony.stop();
			clock.stop();
			await app.close();
		},
	};
}

/** The listening socket, which a fault may close for a while. */
class Door {
	private readonly port: number;
	private timer: NodeJS.Timeout | undefined;

	constructor(private readonly app: FastifyInstance) {
		this.port = (app.server.address() as { port: number }).port;
	}

	/** Refuses connections for so many (real) milliseconds; idle ones are closed. */
	close(ms: number): void {
		clearTimeout(this.timer);
		const { server } = this.app;
		if (server.listening) server.close();
		server.closeIdleConnections();
		this.timer = setTimeout(() => server.listen(this.port, HOST), ms);
	}

	end(): void {
		clearTimeout(this.timer);
	}
}
