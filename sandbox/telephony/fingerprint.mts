import { createHash } from 'node:crypto';

/** 32 hex digits that depend on nothing but the parts: ids and chances that repeat in every run. */
export function fingerprint(...parts: Array<string | number>): string {
	return createHash('md5').update(parts.join('\n')).digest('hex');
}

/** A whole number from `low` to `high`, both included, that depends on nothing but the parts. */
export function pick(low: number, high: number, ...parts: Array<string | number>): number {
	return low + (parseInt(fingerprint(...parts).slice(0, 12), 16) % (high - low + 1));
}
