/*
 * What n8n does not save. With its durable scheduler, n8n drops what the poll at publishing has noted; and
 * without its durable cursors also what every poll has noted that returns nothing. (n8n 2.41.1: the poll at
 * publishing commits no cursor, and a scheduled poll saves static data only with an execution.)
 */
import type { IDataObject, IPollFunctions } from 'n8n-workflow';

/** Static data by node: as n8n gave it to a poll that returned nothing, as JSON, and as the poll left it. */
const unsaved = new Map<string, { given: string; left: string }>();

const nodeKey = (context: IPollFunctions) => `${context.getWorkflow().id} ${context.getNode().id}`;

/**
 * Restores what the last poll of this process noted, if n8n has not saved it.
 *
 * @param stored static data of the node; changed
 * @returns the static data as n8n gave it, for `rememberUnsaved`
 */
export function restoreUnsaved(context: IPollFunctions, stored: IDataObject): string {
	const given = JSON.stringify(stored);
	const last = unsaved.get(nodeKey(context));
	// The scheduled polls have this mode. Another poll without state is that of a new publishing.
	if (last?.given === given && context.getActivationMode() === 'update') {
		Object.assign(stored, JSON.parse(last.left));
	}
	return given;
}

/** Remembers what a poll has noted that returned nothing: n8n may not save it. */
export function rememberUnsaved(context: IPollFunctions, given: string, stored: IDataObject) {
	unsaved.set(nodeKey(context), { given, left: JSON.stringify(stored) });
}

/** Key in the workflow's static data, which n8n saves after publishing in any case. */
const PUBLISHED = 'ringMePollingTrigger';

interface Publishing extends IDataObject {
	source: string;
	/** Milliseconds of the PBX's clock. */
	at: number;
}

/** The static data of the workflow by node. */
const publishings = (context: IPollFunctions) =>
	context.getWorkflowStaticData('global') as Record<string, Record<string, Publishing> | undefined>;

/** When the node was published to watch this source, in milliseconds of the PBX's clock, if a poll noted it. */
export function publishedAt(context: IPollFunctions, source: string): number | undefined {
	const publishing = publishings(context)[PUBLISHED]?.[context.getNode().id];
	return publishing?.source === source ? publishing.at : undefined;
}

/** Notes the time of publishing where another process finds it. */
export function notePublishing(context: IPollFunctions, source: string, at: number) {
	const all = publishings(context);
	all[PUBLISHED] = { ...all[PUBLISHED], [context.getNode().id]: { source, at } };
}
