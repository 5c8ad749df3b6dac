import { PbxError } from '../http/errors.mts';
import type { Context } from './context.mts';

/**
 * Does the work of a statistics request. Real PBXs refuse a second one of a client, with this message, until
 * the first one has its response.
 * @throws PbxError 429
 */
export function oneAtATime<T>({ pbx, entry }: Context, work: () => T): T {
	if (pbx.statsRequest) {
		throw new PbxError(429, 'Stats request already exists, concurrent request not allowed');
	}
	pbx.statsRequest = entry;
	return work();
}
