import { PbxError } from '../http/errors.mts';
import type { Context } from './context.mts';

/**
 * Does the work of a statistics request. Real PBXs refuse a second one of a client, with this message, while
 * one is running.
 * @throws PbxError 429
 */
export async function oneAtATime<T>({ pbx }: Context, work: () => T): Promise<T> {
	if (pbx.statsRunning) {
		throw new PbxError(429, 'Stats request already exists, concurrent request not allowed');
	}
	pbx.statsRunning = true;
	try {
		await new Promise((resolve) => setTimeout(resolve, pbx.options.statsMs));
	} finally {
		pbx.statsRunning = false;
	}
	return work();
}
