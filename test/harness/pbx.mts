/** Former names of the fixture, for tests that still use them. */
export * from './fixture.mts';
export { createFixture as openBench, type Fixture as Bench } from './fixture.mts';
