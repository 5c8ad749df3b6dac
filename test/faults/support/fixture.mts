import type { SandboxOptions } from '../../../sandbox/index.mts';
import { createFixture, type Fixture } from '../../harness/fixture.mts';
import { FastTimers } from './fastTimers.mts';

export interface FaultFixture extends Fixture {
	timers: FastTimers;
}

/**
 * Creates a sandbox PBX and an engine for the tests of a file, with short delays between retries. The
 * returned object is filled before the first test; the sandbox is reset before each.
 *
 * @param speed how many times faster the delays between retries pass
 */
export function setupFixture(options: SandboxOptions = {}, speed?: number): FaultFixture {
	const fixture = {} as FaultFixture;
	beforeAll(async () => {
		Object.assign(fixture, await createFixture(options), { timers: new FastTimers(speed) });
	});
	beforeEach(() => {
		fixture.sandbox.reset();
		fixture.timers.delays.length = 0;
	});
	afterEach(() => expect(fixture.sandbox.errors).toEqual([]));
	afterAll(async () => {
		fixture.timers.restore();
		await fixture.sandbox.stop();
	});
	return fixture;
}
