/**
 * A queue in ascending order of a number; equal items keep their order of arrival. Adding at the end
 * and taking from the front, which timers and task queues nearly always do, cost O(1).
 */
export class PriorityQueue<T> {
	private items: T[] = [];
	private head = 0;

	/** @param priority its result must not change while the item is in the queue */
	constructor(private readonly priority: (item: T) => number) {}

	get size(): number {
		return this.items.length - this.head;
	}

	first(): T | undefined {
		return this.items[this.head];
	}

	shift(): T | undefined {
		if (this.size === 0) return undefined;
		const item = this.items[this.head++];
		if (this.head > 1024 && this.head * 2 > this.items.length) {
			this.items = this.items.slice(this.head);
			this.head = 0;
		}
		return item;
	}

	add(item: T): void {
		const value = this.priority(item);
		let low = this.head;
		let high = this.items.length;
		if (high === low || this.priority(this.items[high - 1]) <= value) {
			this.items.push(item);
			return;
		}
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.priority(this.items[middle]) <= value) low = middle + 1;
			else high = middle;
		}
		this.items.splice(low, 0, item);
	}

	clear(): void {
		this.items = [];
		this.head = 0;
	}
}
