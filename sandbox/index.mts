import type { FastifyInstance } from 'fastify';
import { registerApiRoutes } from './api/routes.mts';
import { registerControlRoutes, setAgentStatus } from './control.mts';
import type { Deviation } from './deviations.mts';
import { createApp } from './http/app.mts';
import { loadContract } from './http/contract.mts';
import { Faults, type Listener as FaultListener } from './http/faults.mts';
import { Journal } from './http/journal.mts';
import type { Pbx, SandboxOptions } from './http/pbx.mts';
import { RateLimit } from './http/rateLimit.mts';
import { registerOAuthRoutes } from './oauth/routes.mts';
import { OAuth } from './oauth/tokens.mts';
import { fillStore, seedStore } from './state/seed.mts';
import { clearStore } from './state/store.mts';
import { Telephony, createClock } from './telephony/index.mts';

export type { Fault, FaultInput, FaultKind } from './http/faults.mts';
export type { JournalEntry } from './http/journal.mts';
export type { SandboxOptions } from './http/pbx.mts';

/** A running PBX. Everything is also available over HTTP, under `/_control/` (see control.mts). */
export type Sandbox = Pick<
	Pbx,
	'url' | 'store' | 'journal' | 'faults' | 'clock' | 'oauth' | 'telephony' | 'rateLimit' | 'reset'
> & {
	/** Internal errors. A test that succeeds leaves none. */
	errors: unknown[];
	/** Logs an agent in or out as if at the phone. Resolves when the agent's webhooks have been called. */
	agentLogin(id: number): Promise<void>;
	agentLogout(id: number): Promise<void>;
	stop(): Promise<void>;
};

const HOST = '127.0.0.1';

/** Starts a sandbox PBX on 127.0.0.1. It runs until `stop()`. @throws if the port is in use */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const contract = await loadContract();
	const errors: unknown[] = [];
	const onError = (error: unknown) => {
		errors.push(error);
		if (options.quiet === false) console.error(error);
	};
	let listener: Listener | undefined;
	const pbx = createPbx(options, onError, {
		close: () => listener?.close(),
		open: async () => await listener?.open(),
	});
	const app = await createApp(pbx, onError);
	registerApiRoutes(app, pbx, contract);
	registerOAuthRoutes(app, {
		oauth: pbx.oauth,
		store: pbx.store,
		strictRefresh: pbx.options.strictRefresh,
		deviates: pbx.deviates,
		countRequest: () => pbx.rateLimit.take(),
	});
	registerControlRoutes(app, pbx);
	pbx.url = await app.listen({ port: pbx.options.port, host: HOST });
	listener = new Listener(app);
	pbx.telephony.start();

	return {
		url: pbx.url,
		store: pbx.store,
		journal: pbx.journal,
		faults: pbx.faults,
		clock: pbx.clock,
		oauth: pbx.oauth,
		telephony: pbx.telephony,
		rateLimit: pbx.rateLimit,
		errors,
		reset: () => pbx.reset(),
		agentLogin: async (id) => await setAgentStatus(pbx, id, 'available'),
		agentLogout: async (id) => await setAgentStatus(pbx, id, 'logged_out'),
		async stop() {
			listener?.stop();
			pbx.faults.clear();
			pbx.telephony.stop();
			pbx.clock.stop();
			await app.close();
		},
	};
}

const DEFAULT_OPTIONS: Pbx['options'] = {
	port: 0,
	seed: 'company',
	extensions: 0,
	rateLimit: 1_000_000,
	clock: 'real',
	speed: 1,
	tokenLifeSeconds: 3600,
	strictRefresh: false,
	maxPerPage: 100,
	taskWebhooks: {},
	callInteractive: {},
	instantCalls: false,
	deviations: [],
	quiet: true,
};

/**
 * Creates the parts of a PBX, without its server.
 * @param listener what the fault `refuse` closes
 */
function createPbx(
	options: SandboxOptions,
	onError: (error: unknown) => void,
	listener: FaultListener,
): Pbx {
	const settings = { ...DEFAULT_OPTIONS, ...options };
	const clock = createClock({
		mode: settings.clock,
		speed: settings.speed,
		start: options.start,
		onError,
	});
	const wallTime = () => (clock.mode === 'virtual' ? clock.now() : Date.now());
	const deviations = new Set(settings.deviations);
	const deviates = (deviation: Deviation) => deviations.has(deviation);
	const store = seedStore({ ...settings, now: clock.now() });
	const pbx: Pbx = {
		options: settings,
		url: '',
		store,
		clock,
		telephony: new Telephony({
			store,
			clock,
			onError,
			taskWebhooks: settings.taskWebhooks,
			callInteractive: settings.callInteractive,
			instantCalls: settings.instantCalls,
		}),
		oauth: new OAuth(wallTime, settings.tokenLifeSeconds),
		journal: new Journal(),
		faults: new Faults(listener),
		rateLimit: new RateLimit(settings.rateLimit, wallTime, deviates('epochReset')),
		deviates,
		wallTime,
		reset() {
			pbx.telephony.stop();
			clock.restart();
			clearStore(store);
			fillStore(store, { ...settings, now: clock.now() });
			pbx.faults.clear();
			pbx.statsRequest = undefined;
			pbx.oauth.reset();
			pbx.rateLimit.reset();
			pbx.journal.clear();
			pbx.telephony.setTaskWebhooks(settings.taskWebhooks);
			pbx.telephony.setCallInteractive(settings.callInteractive);
			pbx.telephony.clearVoiceMenus();
			pbx.telephony.start();
		},
	};
	return pbx;
}

/** The listening socket, which a fault can close for a while. */
class Listener implements FaultListener {
	private readonly port: number;
	private isStopped = false;

	constructor(private readonly app: FastifyInstance) {
		this.port = (app.server.address() as { port: number }).port;
	}

	/** Refuses connections. Idle connections are closed. */
	close(): void {
		const { server } = this.app;
		if (server.listening) server.close();
		server.closeIdleConnections();
	}

	/** Accepts connections again. */
	async open(): Promise<void> {
		const { server } = this.app;
		if (server.listening || this.isStopped) return;
		await new Promise<void>((resolve) => server.listen(this.port, HOST, resolve));
	}

	/** Stays closed from now on, so that the server can be closed. */
	stop(): void {
		this.isStopped = true;
	}
}
