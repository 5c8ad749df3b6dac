import type { Faults } from './http/faults.mts';
import type { Journal } from './http/journal.mts';
import type { RateLimit } from './http/rate-limit.mts';
import type { OAuth } from './oauth/tokens.mts';
import type { Store } from './state/store.mts';
import type { Clock } from './telephony/clock.mts';
import type { Telephony } from './telephony/index.mts';

export interface SandboxOptions {
	/** 0 (default) takes a free port. */
	port?: number;
	/** `company` (default): a small company at work. `empty`: users and two extensions only. */
	seed?: 'company' | 'empty';
	/** So many extensions instead of the company's 20. */
	extensions?: number;
	/** Requests per clock hour; default 1 000 000. */
	rateLimit?: number;
	/** Extra time before each API answer. */
	latencyMs?: number;
	clock?: 'real' | 'virtual';
	/** Real clock: how many seconds pass in one. */
	speed?: number;
	/** Start of the clock, ms since 1970. */
	start?: number;
	/** Life of an access token; default 3600. */
	tokenLifeSeconds?: number;
	/** Refreshing needs the `redirect_uri`, as the documentation has it (default: it may be left out). */
	strictRefresh?: boolean;
	/** Largest page; default 100. */
	maxPerPage?: number;
	/** How long a statistics request runs; default 25 ms. */
	statsMs?: number;
	/** Do not print errors of deliveries to the console. */
	quiet?: boolean;
}

/** The parts of one running sandbox, as the code inside it sees them. */
export interface Pbx {
	options: Required<Omit<SandboxOptions, 'start'>>;
	/** `http://127.0.0.1:PORT`, known once it listens. */
	url: string;
	store: Store;
	clock: Clock;
	telephony: Telephony;
	oauth: OAuth;
	journal: Journal;
	faults: Faults;
	rateLimit: RateLimit;
	/** Whether a statistics request is being worked on. */
	statsRunning: boolean;
	/** Time by which tokens and the hourly limit live: the clock's if it is virtual, else real time. */
	wallTime(): number;
	/** Back to the seed. */
	reset(): void;
}
