import type { SandboxOptions } from '../../../sandbox/index.mts';
import { setupFixture as setupPlainFixture, type Fixture } from '../../harness/fixture.mts';
import { FastTimers } from './fastTimers.mts';

export interface FaultFixture extends Fixture {
	timers: FastTimers;
}

/**
 * Creates a sandbox PBX and an engine for the tests of a file, with short delays between retries. The
 * returned object is filled before the first test; the sandbox is reset before each.
 *
 * @param timers which delays pass faster; see `FastTimers`
 */
export function setupFixture(
	options: SandboxOptions = {},
	...timers: ConstructorParameters<typeof FastTimers>
): FaultFixture {
	const fixture = setupPlainFixture(options) as FaultFixture;
	beforeAll(() => {
		fixture.timers = new FastTimers(...timers);
	});
	beforeEach(() => {
		fixture.timers.delays.length = 0;
	});
	afterAll(() => fixture.timers.restore());
	return fixture;
}
