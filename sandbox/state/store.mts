import type {
	Agent,
	AgentEvent,
	Alias,
	CallRecord,
	CallStatus,
	Client,
	CurrentCall,
	DialRule,
	Did,
	Extension,
	ExtensionGroup,
	Fax,
	Interval,
	Limits,
	NetworkPermission,
	Order,
	PhoneEvent,
	Sound,
	Task,
	TaskScheduler,
	User,
	Variable,
	Voicemail,
} from './types.mts';

/** What happened to a row; watchers are called at once, after the table changed. */
export interface Change<T> {
	kind: 'insert' | 'update' | 'delete';
	row: T;
}

type NumericId<T> = T extends { id: number } ? Omit<T, 'id'> & { id?: number } : T;

/**
 * An in-memory table in insertion order.
 *
 * Rows are live objects: code inside the sandbox may change them in place, except the key and the
 * indexed field. `update` does the same and also tells the watchers.
 */
export class Table<T extends object> {
	private readonly rows = new Map<string | number, T>();
	private readonly index = new Map<unknown, Set<T>>();
	private readonly watchers = new Set<(change: Change<T>) => void>();
	private lastId: number;

	/**
	 * @param key field that identifies a row; a numeric `id` is counted up from `firstId`
	 * @param indexed field for `by()`; it must not change in a row's life
	 */
	constructor(
		readonly key: keyof T & string,
		private readonly firstId = 1,
		private readonly indexed?: keyof T & string,
	) {
		this.lastId = firstId - 1;
	}

	get size(): number {
		return this.rows.size;
	}

	/** Adds a row (with the next id if it has none) and returns the stored object. */
	insert(input: NumericId<T>): T {
		const row = { ...input } as T;
		if (this.key === 'id') {
			const given = (row as { id?: number }).id;
			if (given === undefined) (row as { id?: number }).id = ++this.lastId;
			else if (given > this.lastId) this.lastId = given;
		}
		this.rows.set(this.keyOf(row), row);
		if (this.indexed) {
			const value = row[this.indexed];
			const bucket = this.index.get(value);
			if (bucket) bucket.add(row);
			else this.index.set(value, new Set([row]));
		}
		this.tell('insert', row);
		return row;
	}

	get(key: string | number): T | undefined {
		return this.rows.get(key);
	}

	/** Changes a row in place; returns it, or undefined if there is none. */
	update(key: string | number, patch: Partial<T>): T | undefined {
		const row = this.rows.get(key);
		if (!row) return undefined;
		Object.assign(row, patch);
		this.tell('update', row);
		return row;
	}

	delete(key: string | number): boolean {
		const row = this.rows.get(key);
		if (!row) return false;
		this.rows.delete(key);
		if (this.indexed) this.index.get(row[this.indexed])?.delete(row);
		this.tell('delete', row);
		return true;
	}

	/** All rows in insertion order (a fresh array). */
	list(): T[] {
		return [...this.rows.values()];
	}

	values(): IterableIterator<T> {
		return this.rows.values();
	}

	find(test: (row: T) => boolean): T | undefined {
		for (const row of this.rows.values()) if (test(row)) return row;
		return undefined;
	}

	filter(test: (row: T) => boolean): T[] {
		return this.list().filter(test);
	}

	/** Rows whose indexed field has this value, in insertion order. Do not change the set. */
	by(value: unknown): ReadonlySet<T> {
		return this.index.get(value) ?? new Set<T>();
	}

	/** Calls `watcher` after every insert, `update` and delete; returns the function that stops it. */
	watch(watcher: (change: Change<T>) => void): () => void {
		this.watchers.add(watcher);
		return () => this.watchers.delete(watcher);
	}

	/** Forgets all rows and starts the ids anew; watchers stay and are not told. */
	clear(): void {
		this.rows.clear();
		this.index.clear();
		this.lastId = this.firstId - 1;
	}

	private keyOf(row: T): string | number {
		return row[this.key] as string | number;
	}

	private tell(kind: Change<T>['kind'], row: T): void {
		for (const watcher of this.watchers) watcher({ kind, row });
	}
}

/** The tables, by name (the same names `GET /_control/state/{table}` takes). */
export function createTables() {
	return {
		agents: new Table<Agent>('id', 301),
		agentEvents: new Table<AgentEvent>('id', 7001, 'agent_id'),
		aliases: new Table<Alias>('id', 501),
		calls: new Table<CurrentCall>('call_api_id'),
		callStatuses: new Table<CallStatus>('id', 11),
		dialRules: new Table<DialRule>('id', 41),
		dids: new Table<Did>('id', 601),
		extensions: new Table<Extension>('id', 85201),
		extensionGroups: new Table<ExtensionGroup>('id', 71),
		faxes: new Table<Fax>('uuid'),
		intervals: new Table<Interval>('id', 21),
		networkPermissions: new Table<NetworkPermission>('id', 31),
		orders: new Table<Order>('id', 1),
		phoneEvents: new Table<PhoneEvent>('id', 9001),
		records: new Table<CallRecord>('record_uuid'),
		sounds: new Table<Sound>('id', 801),
		taskSchedulers: new Table<TaskScheduler>('id', 1),
		tasks: new Table<Task>('id', 100001, 'scheduler_id'),
		users: new Table<User>('id', 1201),
		variables: new Table<Variable>('var'),
		voicemails: new Table<Voicemail>('record_uuid'),
	};
}

export type Tables = ReturnType<typeof createTables>;

/** Everything one sandbox PBX remembers. `client` and `limits` are set by the seed. */
export interface Store extends Tables {
	client: Client;
	limits: Limits;
}

/** An empty store; `seed()` fills it. */
export function createStore(client: Client, limits: Limits): Store {
	return { ...createTables(), client, limits };
}

/** Empties every table (watchers stay), for a reset. */
export function clearStore(store: Store): void {
	for (const value of Object.values(store)) if (value instanceof Table) value.clear();
}
