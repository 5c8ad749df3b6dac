/** Enough for a request within this process to be sent and handled. */
const TURNS = 50;

/**
 * Lets everything run that is due: what a test says did not happen would have happened by now. On no machine does it
 * happen too late and fail the test.
 */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
