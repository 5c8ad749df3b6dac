import { createClock, createClockScope } from '../../sandbox/telephony/clock.mts';
import { PriorityQueue } from '../../sandbox/telephony/priorityQueue.mts';
import { settle } from '../support/settle.mts';

describe('the priority queue', () => {
	it('returns queued items in ascending order, and equal ones in the order of arrival', () => {
		const queue = new PriorityQueue<{ value: number; n: number }>(({ value }) => value);
		const added = Array.from({ length: 5000 }, (_, n) => ({ value: (n * 7919) % 50, n }));
		const taken: typeof added = [];
		for (const [n, item] of added.entries()) {
			queue.add(item);
			// Items are also taken in between, to check that they do not come back.
			if (n === 2500) for (let k = 0; k < 2000; k++) taken.push(queue.shift()!);
		}
		expect(queue.size).toBe(3000);
		const takenEarly = [...taken];
		for (let item = queue.shift(); item; item = queue.shift()) taken.push(item);
		const sorted = (items: typeof added) =>
			[...items].sort((a, b) => a.value - b.value || a.n - b.n);
		expect(takenEarly).toEqual(sorted(added.slice(0, 2501)).slice(0, 2000));
		expect(taken.slice(2000)).toEqual(sorted(taken.slice(2000)));
		expect(new Set(taken).size).toBe(5000);
		expect(queue.shift()).toBeUndefined();
	});
});

describe('the virtual clock', () => {
	it('keeps a virtual clock still until it is advanced, then runs its timers in order, each at its own time', async () => {
		const clock = createClock({ mode: 'virtual', start: 1000 });
		const seen: string[] = [];
		const record = (name: string) => () => void seen.push(`${name}@${clock.now()}`);
		clock.schedule(50, record('b'));
		clock.schedule(10, record('a'));
		clock.schedule(50, record('c'));
		clock.schedule(51, record('late'));
		const cancel = clock.schedule(20, record('never'));
		cancel();
		await settle();
		expect(clock.now()).toBe(1000);
		expect(seen).toEqual([]);
		await clock.advance(50);
		expect(seen).toEqual(['a@1010', 'b@1050', 'c@1050']);
		expect(clock.now()).toBe(1050);
	});

	it('is back at its start without timers after a restart', async () => {
		for (const mode of ['virtual', 'real'] as const) {
			const start = Date.now();
			const clock = createClock({ mode, start });
			const timer = jest.fn();
			await clock.advance(48 * 3_600_000);
			clock.schedule(1000, timer);
			clock.restart();
			expect(clock.now() - start).toBeLessThan(3_600_000);
			await clock.advance(2000);
			expect(timer).not.toHaveBeenCalled();
			clock.stop();
		}
	});

	it('waits for the promise of a timer before time moves on, and runs timers added meanwhile', async () => {
		const clock = createClock({ mode: 'virtual', start: 0 });
		const seen: string[] = [];
		clock.schedule(10, async () => {
			await settle();
			seen.push(`slow@${clock.now()}`);
			clock.schedule(5, () => void seen.push(`child@${clock.now()}`));
		});
		clock.schedule(12, () => void seen.push(`next@${clock.now()}`));
		await clock.advance(100);
		expect(seen).toEqual(['slow@10', 'next@12', 'child@15']);
	});

	it('waits for tracked work before time moves on, and runs concurrent advances one after another', async () => {
		const clock = createClock({ mode: 'virtual', start: 0 });
		const seen: string[] = [];
		clock.schedule(1, () => clock.track(settle().then(() => seen.push('tracked'))));
		clock.schedule(1, () => void seen.push('same time'));
		clock.schedule(2, () => void seen.push('later'));
		await Promise.all([
			clock.advance(5).then(() => seen.push('first')),
			clock.advance(5).then(() => seen.push('second')),
		]);
		expect(seen).toEqual(['same time', 'tracked', 'later', 'first', 'second']);
		expect(clock.now()).toBe(10);
	});

	it('runs the remaining timers after one has failed, then throws its error', async () => {
		const clock = createClock({ mode: 'virtual' });
		let ran = 0;
		clock.schedule(1, () => {
			throw new Error('boom');
		});
		clock.schedule(2, async () => await Promise.reject(new Error('later')));
		clock.schedule(3, () => void ran++);
		await expect(clock.advance(10)).rejects.toThrow('boom');
		expect(ran).toBe(1);
		await expect(clock.advance(10)).resolves.toBeUndefined();
	});

	it('refuses to move a clock back, and runs no timer after it was stopped', async () => {
		const clock = createClock({ mode: 'virtual' });
		await expect(clock.advance(-1)).rejects.toThrow(RangeError);
		await expect(clock.advance(NaN)).rejects.toThrow(RangeError);
		let ran = 0;
		clock.schedule(1, () => void ran++);
		clock.stop();
		clock.schedule(1, () => void ran++);
		await clock.advance(10);
		expect(ran).toBe(0);
	});

	it('stays at its start when it is restarted while time moves on', async () => {
		const clock = createClock({ mode: 'virtual', start: 1000 });
		let ran = 0;
		clock.schedule(1, async () => {
			await Promise.resolve();
			clock.restart();
			clock.schedule(1, () => void ran++);
		});
		await clock.advance(10);
		expect([clock.now(), ran]).toEqual([1000, 0]);
		await clock.advance(10);
		expect([clock.now(), ran]).toEqual([1010, 1]);
	});

	it('cancels all timers of a scope and no others', async () => {
		const clock = createClock({ mode: 'virtual' });
		const scope = createClockScope(clock);
		const seen: string[] = [];
		scope.schedule(1, () => void seen.push('early'));
		scope.schedule(5, () => void seen.push('in the scope'));
		clock.schedule(5, () => void seen.push('outside'));
		await clock.advance(2);
		scope.cancelAll();
		await clock.advance(10);
		expect(seen).toEqual(['early', 'outside']);
	});
});

describe('the real clock', () => {
	it('runs a real clock as many times faster than real time as its speed says', async () => {
		const beforeStart = performance.now();
		const clock = createClock({ mode: 'real', speed: 1000, start: 0 });
		const afterStart = performance.now();
		await new Promise<void>((resolve) => clock.schedule(60_000, resolve));
		const beforeReading = performance.now();
		const now = clock.now();
		const afterReading = performance.now();
		clock.stop();
		expect(now).toBeGreaterThanOrEqual(60_000);
		expect(now).toBeGreaterThanOrEqual(Math.floor((beforeReading - afterStart) * 1000));
		expect(now).toBeLessThanOrEqual((afterReading - beforeStart) * 1000);
	});

	it('lets a real clock jump when it is advanced, and runs the timers in between', async () => {
		const dateBefore = Date.now();
		const clock = createClock({ mode: 'real' });
		const before = clock.now();
		// A second of tolerance, in case the time of the system is adjusted meanwhile.
		expect(before).toBeGreaterThan(dateBefore - 1000);
		expect(before).toBeLessThan(Date.now() + 1000);
		const seen: number[] = [];
		clock.schedule(3_600_000, () => void seen.push(clock.now() - before));
		await clock.advance(7_200_000);
		clock.stop();
		expect(seen).toHaveLength(1);
		expect(seen[0]).toBeGreaterThanOrEqual(3_600_000);
		expect(seen[0]).toBeLessThan(7_200_000);
		expect(clock.now() - before).toBeGreaterThanOrEqual(7_200_000);
	});

	it('passes errors of the timers of a real clock to onError', async () => {
		const messages = await new Promise<string[]>((resolve) => {
			const received: string[] = [];
			const clock = createClock({
				mode: 'real',
				onError(error) {
					received.push((error as Error).message);
					if (received.length < 2) return;
					clock.stop();
					resolve(received);
				},
			});
			clock.schedule(1, () => {
				throw new Error('boom');
			});
			clock.schedule(1, async () => await Promise.reject(new Error('async')));
		});
		expect(messages.sort()).toEqual(['async', 'boom']);
	});
});
