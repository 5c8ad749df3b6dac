import type { SandboxOptions } from '../../../sandbox/index.mts';
import { setupFixture as setupPlainFixture, type Fixture } from '../../harness/fixture.mts';
import { setupTimers, type Timers } from '../../harness/timers.mts';

export interface FaultFixture extends Fixture {
	timers: Timers;
}

/**
 * Creates a sandbox PBX and an engine for the tests of a file, whose waits pass at once and whose timeouts pass
 * never; see `Timers`. The returned object is filled before the first test; the sandbox is reset before each.
 */
export function setupFixture(options: SandboxOptions = {}): FaultFixture {
	const fixture = setupPlainFixture(options);
	return Object.assign(fixture, { timers: setupTimers() });
}
