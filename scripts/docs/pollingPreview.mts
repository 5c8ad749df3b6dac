/** What the editor shows of the output of RingMe Polling Trigger before its first run. */
import { SOURCES, outputFields } from '../../nodes/RingMePollingTrigger/records/sources';
import type { Preview } from './previews.mts';

/** The fields of the simplified output: those that records of any kind have in common, then the others. */
export function pollingPreview(): string {
	const fields = SOURCES.flatMap((source) => outputFields(source));
	const properties: Record<string, Preview> = { event: { type: 'string' } };
	for (const { name, type } of fields) properties[name] ??= { type };
	properties.raw = { type: 'object' };
	return `${JSON.stringify({ type: 'object', properties }, null, '\t')}\n`;
}
