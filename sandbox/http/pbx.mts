import type { Deviation } from '../deviations.mts';
import type { OAuth } from '../oauth/tokens.mts';
import type { Store } from '../state/store.mts';
import type { Clock } from '../telephony/clock.mts';
import type { CallInteractiveOptions, TaskWebhookOptions, Telephony } from '../telephony/index.mts';
import type { Faults } from './faults.mts';
import type { Journal, JournalEntry } from './journal.mts';
import type { RateLimit } from './rateLimit.mts';

export interface SandboxOptions {
	/** Default 0: any free port. */
	port?: number;
	/** `company` (default): the data of a small company. `empty`: users and two extensions only. */
	seed?: 'company' | 'empty';
	/** Number of extensions. Default: the 20 of the company, or two in an empty PBX. */
	extensions?: number;
	/** Requests per clock hour. Default 1,000,000. */
	rateLimit?: number;
	/** A `virtual` clock stands still until it is advanced. Default `real`. */
	clock?: 'real' | 'virtual';
	/** Real clock only: clock seconds per real second. Default 1. */
	speed?: number;
	/** Start of the clock in epoch milliseconds. */
	start?: number;
	/** Lifetime of an access token in seconds. Default 3600. */
	tokenLifeSeconds?: number;
	/** Whether a refresh requires the `redirect_uri`, as the documentation says. Default false. */
	strictRefresh?: boolean;
	/** Maximum of `per_page`. Default 100. */
	maxPerPage?: number;
	/** How the webhooks of tasks are delivered, also after a reset. Default: as in ASSUMPTIONS.md. */
	taskWebhooks?: TaskWebhookOptions;
	/** What voice menus do with Call Interactive, also after a reset. Default: as in ASSUMPTIONS.md. */
	callInteractive?: CallInteractiveOptions;
	/** Whether the calls of tasks take no time. Default false. */
	instantCalls?: boolean;
	/** Behavior that contradicts ASSUMPTIONS.md. Default: none. */
	deviations?: Deviation[];
	/** Whether internal errors are not printed. Default true. */
	quiet?: boolean;
}

/** The parts of one running sandbox, for the code that handles its requests. */
export interface Pbx {
	options: Required<Omit<SandboxOptions, 'start'>>;
	/** `http://127.0.0.1:PORT`; empty until the server listens. */
	url: string;
	store: Store;
	clock: Clock;
	telephony: Telephony;
	oauth: OAuth;
	journal: Journal;
	faults: Faults;
	rateLimit: RateLimit;
	/** Whether the PBX has this behavior. */
	deviates(deviation: Deviation): boolean;
	/** The statistics request in progress. */
	statsRequest?: JournalEntry;
	/**
	 * Current time for tokens and the hourly limit, in epoch milliseconds. A real clock that runs faster
	 * than life would end tokens after seconds, so it counts only if it is virtual.
	 */
	wallTime(): number;
	/** Restores the initial state: data, tokens, faults, journal, hourly limit. The clock stays. */
	reset(): void;
}
