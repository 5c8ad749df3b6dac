import { createHash } from 'node:crypto';

/** 32 hex digits that depend on the parts only, so that ids are the same in every run. */
export function fingerprint(...parts: Array<string | number>): string {
	return createHash('md5').update(parts.join('\n')).digest('hex');
}

/** A pseudo-random integer from `low` to `high`, both included, that depends on the parts only. */
export function pick(low: number, high: number, ...parts: Array<string | number>): number {
	return low + (parseInt(fingerprint(...parts).slice(0, 12), 16) % (high - low + 1));
}
