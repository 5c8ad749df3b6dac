/** Limits on what runs at the same time. */
import fc from 'fast-check';

import { ConcurrencyLimiter } from '../../nodes/shared/transport/concurrencyLimiter';

/** Lets all promises settle that can. */
const settle = async () => await new Promise((resolve) => setImmediate(resolve));

/** Work under a limiter that ends when the test says so. */
function createWork(limiter: ConcurrencyLimiter, count: number) {
	const started: number[] = [];
	const finish: Array<() => void> = [];
	const results = Array.from({ length: count }, (_, index) =>
		limiter.run(async () => {
			started.push(index);
			await new Promise<void>((resolve) => (finish[index] = resolve));
			return index;
		}),
	);
	return { started, finish, results };
}

describe('ConcurrencyLimiter', () => {
	it('starts as much work as the limit allows, and the rest in FIFO order', async () => {
		const { started, finish, results } = createWork(new ConcurrencyLimiter(2), 5);
		await settle();
		expect(started).toEqual([0, 1]);
		finish[1]();
		await settle();
		expect(started).toEqual([0, 1, 2]);
		finish[2]();
		finish[0]();
		await settle();
		expect(started).toEqual([0, 1, 2, 3, 4]);
		finish[3]();
		finish[4]();
		expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
	});

	it('continues after work that failed', async () => {
		const limiter = new ConcurrencyLimiter(1);
		const failing = limiter.run(async () => await Promise.reject(new Error('No')));
		const next = limiter.run(async () => 'done');
		await expect(failing).rejects.toThrow('No');
		await expect(next).resolves.toBe('done');
	});

	it('lends no more slots than are free, and gives released ones to waiting work', async () => {
		const limiter = new ConcurrencyLimiter(3);
		const { started, finish, results } = createWork(limiter, 1);
		await settle();
		expect(limiter.takeFreeSlots(-1)).toBe(0);
		expect(limiter.takeFreeSlots(5)).toBe(2);
		expect(limiter.takeFreeSlots(1)).toBe(0);
		const waiting = createWork(limiter, 1);
		await settle();
		expect(waiting.started).toEqual([]);
		limiter.release();
		await settle();
		expect(waiting.started).toEqual([0]);
		limiter.release();
		expect(limiter.takeFreeSlots(5)).toBe(1);
		limiter.release();
		finish[0]();
		waiting.finish[0]();
		await Promise.all([...results, ...waiting.results]);
		expect(started).toEqual([0]);
		expect(limiter.takeFreeSlots(5)).toBe(3);
	});

	it('never exceeds its limit and starts all work in order, however long each takes', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 6 }),
				fc.array(fc.nat(5), { maxLength: 30 }),
				async (limit, durations) => {
					const limiter = new ConcurrencyLimiter(limit);
					const started: number[] = [];
					let active = 0;
					let maxActive = 0;
					await Promise.all(
						durations.map((ticks, index) =>
							limiter.run(async () => {
								started.push(index);
								maxActive = Math.max(maxActive, ++active);
								for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
								active--;
							}),
						),
					);
					expect(started).toEqual(durations.map((_, index) => index));
					expect(maxActive).toBeLessThanOrEqual(limit);
				},
			),
		);
	});
});
