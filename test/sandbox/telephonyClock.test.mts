import { createClock, scopeClock } from '../../sandbox/telephony/clock.mts';
import { SortedQueue } from '../../sandbox/telephony/sorted.mts';

const tick = async (ms: number) => await new Promise((done) => setTimeout(done, ms));

describe('sorted queue', () => {
	it('keeps the order of values, and of arrival among equal ones', () => {
		const queue = new SortedQueue<{ value: number; n: number }>(({ value }) => value);
		const added = Array.from({ length: 5000 }, (_, n) => ({ value: (n * 7919) % 50, n }));
		const taken: typeof added = [];
		for (const [n, item] of added.entries()) {
			queue.add(item);
			// Taking while adding: the part that was taken must not come back.
			if (n === 2500) for (let k = 0; k < 2000; k++) taken.push(queue.shift()!);
		}
		expect(queue.size).toBe(3000);
		const early = [...taken];
		for (let item = queue.shift(); item; item = queue.shift()) taken.push(item);
		const sorted = (items: typeof added) =>
			[...items].sort((one, other) => one.value - other.value || one.n - other.n);
		expect(early).toEqual(sorted(added.slice(0, 2501)).slice(0, 2000));
		expect(taken.slice(2000)).toEqual(sorted(taken.slice(2000)));
		expect(new Set(taken).size).toBe(5000);
		expect(queue.shift()).toBeUndefined();
	});
});

describe('virtual clock', () => {
	it('stands still until it is advanced, then runs timers in order, each at its own time', async () => {
		const clock = createClock({ mode: 'virtual', start: 1000 });
		const seen: string[] = [];
		const note = (name: string) => () => void seen.push(`${name}@${clock.now()}`);
		clock.schedule(50, note('b'));
		clock.schedule(10, note('a'));
		clock.schedule(50, note('c'));
		clock.schedule(51, note('late'));
		const cancel = clock.schedule(20, note('never'));
		cancel();
		await tick(20);
		expect(clock.now()).toBe(1000);
		expect(seen).toEqual([]);
		await clock.advance(50);
		expect(seen).toEqual(['a@1010', 'b@1050', 'c@1050']);
		expect(clock.now()).toBe(1050);
	});

	it('waits for what a timer started before time moves on, and runs what that scheduled', async () => {
		const clock = createClock({ mode: 'virtual', start: 0 });
		const seen: string[] = [];
		clock.schedule(10, async () => {
			await tick(10);
			seen.push(`slow@${clock.now()}`);
			clock.schedule(5, () => void seen.push(`child@${clock.now()}`));
		});
		clock.schedule(12, () => void seen.push(`next@${clock.now()}`));
		await clock.advance(100);
		expect(seen).toEqual(['slow@10', 'next@12', 'child@15']);
	});

	it('waits for tracked work before time moves on, and lets simultaneous advances follow each other', async () => {
		const clock = createClock({ mode: 'virtual', start: 0 });
		const seen: string[] = [];
		clock.schedule(1, () => clock.track(tick(15).then(() => seen.push('tracked'))));
		clock.schedule(1, () => void seen.push('same time'));
		clock.schedule(2, () => void seen.push('later'));
		await Promise.all([
			clock.advance(5).then(() => seen.push('first')),
			clock.advance(5).then(() => seen.push('second')),
		]);
		expect(seen).toEqual(['same time', 'tracked', 'later', 'first', 'second']);
		expect(clock.now()).toBe(10);
	});

	it('runs the remaining timers when one fails, then throws its error', async () => {
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

	it('refuses to go back, and stops for good', async () => {
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

	it('cancels all timers of a scope and none of the others', async () => {
		const clock = createClock({ mode: 'virtual' });
		const scope = scopeClock(clock);
		const seen: string[] = [];
		scope.schedule(1, () => void seen.push('early'));
		scope.schedule(5, () => void seen.push('mine'));
		clock.schedule(5, () => void seen.push('theirs'));
		await clock.advance(2);
		scope.cancelAll();
		await clock.advance(10);
		expect(seen).toEqual(['early', 'theirs']);
	});
});

describe('real clock', () => {
	it('runs as many times faster as it is told', async () => {
		const clock = createClock({ mode: 'real', speed: 1000, start: 0 });
		const at = await new Promise<number>((done) => {
			clock.schedule(60_000, () => done(clock.now()));
		});
		clock.stop();
		expect(at).toBeGreaterThanOrEqual(60_000);
		expect(at).toBeLessThan(1_000_000);
	});

	it('jumps when advanced, running what lies between', async () => {
		const clock = createClock({ mode: 'real' });
		const before = clock.now();
		expect(Math.abs(before - Date.now())).toBeLessThan(1000);
		const seen: number[] = [];
		clock.schedule(3_600_000, () => void seen.push(clock.now() - before));
		await clock.advance(7_200_000);
		clock.stop();
		expect(seen).toHaveLength(1);
		expect(seen[0]).toBeGreaterThanOrEqual(3_600_000);
		expect(seen[0]).toBeLessThan(3_605_000);
		expect(clock.now() - before).toBeGreaterThanOrEqual(7_200_000);
	});

	it('hands errors of its timers on instead of dying', async () => {
		const errors: unknown[] = [];
		const clock = createClock({ mode: 'real', onError: (error) => errors.push(error) });
		clock.schedule(1, () => {
			throw new Error('boom');
		});
		clock.schedule(1, async () => await Promise.reject(new Error('async')));
		await tick(50);
		clock.stop();
		expect(errors.map((error) => (error as Error).message).sort()).toEqual(['async', 'boom']);
	});
});
