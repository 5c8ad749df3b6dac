/** Ends a run of Jest with one plain line, which programs that read the output can rely on. */
export default class ClosingLine {
	onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests }) {
		const skipped = numPendingTests ? `, ${numPendingTests} skipped` : '';
		console.log(`${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
	}
}
