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
	ExtensionEvent,
	ExtensionGroup,
	Fax,
	Interval,
	Limits,
	Message,
	NetworkPermission,
	Order,
	PastCall,
	PhoneEvent,
	Registration,
	Sound,
	Task,
	TaskScheduler,
	User,
	Variable,
	Voicemail,
} from './types.mts';

/** A change of a row. Watchers are called synchronously, after the table has changed. */
export interface Change<T> {
	kind: 'insert' | 'update' | 'delete';
	row: T;
}

/** A row to insert: its numeric id may be left out. */
type NewRow<T> = T extends { id: number } ? Omit<T, 'id'> & { id?: number } : T;

/**
 * An in-memory table in insertion order.
 *
 * Rows are live objects: code of the sandbox may change them in place, except the key and the indexed
 * field. `update` changes a row in place, too, and notifies the watchers.
 */
export class Table<T extends object> {
	private readonly rows = new Map<string | number, T>();
	private readonly index = new Map<unknown, Set<T>>();
	private readonly watchers = new Set<(change: Change<T>) => void>();
	private lastId: number;

	/**
	 * @param key field that identifies a row; a numeric `id` is assigned, starting with `firstId`
	 * @param indexed field for `findByIndex`; its value in a row must never change
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

	/** Adds a row, with the next id if it has none. @returns the stored object */
	insert(input: NewRow<T>): T {
		const row = { ...input } as T;
		if (this.key === 'id') {
			const { id } = row as { id?: number };
			if (id === undefined) (row as { id?: number }).id = ++this.lastId;
			else if (id > this.lastId) this.lastId = id;
		}
		this.rows.set(this.keyOf(row), row);
		if (this.indexed) {
			const value = row[this.indexed];
			const bucket = this.index.get(value);
			if (bucket) bucket.add(row);
			else this.index.set(value, new Set([row]));
		}
		this.notify('insert', row);
		return row;
	}

	/** Adds copies of the rows of another table, with their ids. */
	insertAll(other: Table<T>): void {
		for (const row of other.values()) this.insert(row as NewRow<T>);
	}

	get(key: string | number): T | undefined {
		return this.rows.get(key);
	}

	/** Changes a row in place. @returns the row; undefined if there is none with this key */
	update(key: string | number, patch: Partial<T>): T | undefined {
		const row = this.rows.get(key);
		if (!row) return undefined;
		Object.assign(row, patch);
		this.notify('update', row);
		return row;
	}

	delete(key: string | number): boolean {
		const row = this.rows.get(key);
		if (!row) return false;
		this.rows.delete(key);
		if (this.indexed) this.index.get(row[this.indexed])?.delete(row);
		this.notify('delete', row);
		return true;
	}

	/** All rows in insertion order (a fresh array). */
	list(): T[] {
		return [...this.rows.values()];
	}

	values(): IterableIterator<T> {
		return this.rows.values();
	}

	find(predicate: (row: T) => boolean): T | undefined {
		for (const row of this.rows.values()) if (predicate(row)) return row;
		return undefined;
	}

	filter(predicate: (row: T) => boolean): T[] {
		return this.list().filter(predicate);
	}

	/** Rows whose indexed field has this value, in insertion order. Do not change the set. */
	findByIndex(value: unknown): ReadonlySet<T> {
		return this.index.get(value) ?? new Set<T>();
	}

	/** Calls `watcher` after every insert, `update` and delete. @returns the function that unsubscribes */
	watch(watcher: (change: Change<T>) => void): () => void {
		this.watchers.add(watcher);
		return () => this.watchers.delete(watcher);
	}

	/** Deletes all rows and restarts the ids. Watchers stay subscribed and are not notified. */
	clear(): void {
		this.rows.clear();
		this.index.clear();
		this.lastId = this.firstId - 1;
	}

	private keyOf(row: T): string | number {
		return row[this.key] as string | number;
	}

	private notify(kind: Change<T>['kind'], row: T): void {
		for (const watcher of this.watchers) watcher({ kind, row });
	}
}

/** The tables by the names that `GET /_control/state/{table}` uses. */
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
		extensionEvents: new Table<ExtensionEvent>('id', 8001, 'extension_id'),
		extensionGroups: new Table<ExtensionGroup>('id', 71),
		faxes: new Table<Fax>('uuid'),
		intervals: new Table<Interval>('id', 21),
		messages: new Table<Message>('id'),
		networkPermissions: new Table<NetworkPermission>('id', 31),
		orders: new Table<Order>('id', 1),
		pastCalls: new Table<PastCall>('call_uuid'),
		phoneEvents: new Table<PhoneEvent>('id', 9001),
		records: new Table<CallRecord>('record_uuid'),
		registrations: new Table<Registration>('registration_id'),
		sounds: new Table<Sound>('id', 801),
		taskSchedulers: new Table<TaskScheduler>('id', 1),
		tasks: new Table<Task>('id', 100001, 'scheduler_id'),
		users: new Table<User>('id', 1201),
		variables: new Table<Variable>('var'),
		voicemails: new Table<Voicemail>('record_uuid'),
	};
}

export type Tables = ReturnType<typeof createTables>;

/** The complete state of one sandbox PBX. */
export interface Store extends Tables {
	client: Client;
	limits: Limits;
}

/** Creates an empty store. */
export function createStore(client: Client, limits: Limits): Store {
	return { ...createTables(), client, limits };
}

/** Empties every table for a reset. Watchers stay subscribed. */
export function clearStore(store: Store): void {
	for (const value of Object.values(store)) if (value instanceof Table) value.clear();
}
