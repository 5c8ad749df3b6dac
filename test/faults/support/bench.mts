import type { SandboxOptions } from '../../../sandbox/index.mts';
import { openBench, type Bench } from '../../harness/pbx.mts';
import { Waits } from './waits.mts';

/**
 * A sandbox and an engine for all tests of a file, with a fresh PBX for each and short waits. What it
 * returns is filled before the first test.
 */
export function useBench(options: SandboxOptions = {}, speed?: number): Bench & { waits: Waits } {
	const bench = {} as Bench & { waits: Waits };
	beforeAll(async () => {
		Object.assign(bench, await openBench(options), { waits: new Waits(speed) });
	});
	beforeEach(() => {
		bench.sandbox.reset();
		bench.waits.begun.length = 0;
	});
	afterEach(() => expect(bench.sandbox.errors).toEqual([]));
	afterAll(async () => {
		bench.waits.end();
		await bench.sandbox.stop();
	});
	return bench;
}
