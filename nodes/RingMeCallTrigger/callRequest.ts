import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';

import {
	bodyBytesOf,
	entries,
	MAX_BODY_BYTES,
	mergeFields,
	type Fields,
} from '../shared/webhook/fields';
import {
	parseInteger,
	parseText,
	removeDomain,
	simplifyFields,
	type FieldMap,
} from '../shared/webhook/simplifyFields';

const EVENT_TYPE = 'call_interactive';

/**
 * The fields of a request of a voice menu, from query and body (RingMe documentation of Call
 * Interactive).
 *
 * @returns undefined for any other request
 */
export function readCallRequest(context: IWebhookFunctions): Fields | undefined {
	if (bodyBytesOf(context) > MAX_BODY_BYTES) return undefined;
	const fields = mergeFields([
		...entries(context.getQueryData()),
		...entries(context.getBodyData()),
	]);
	if (!fields || (fields.EventType ?? EVENT_TYPE) !== EVENT_TYPE) return undefined;
	return fields.CallAPIID || fields.CallID ? fields : undefined;
}

/** Names in the output, as those of the RingMe Trigger. (n8n refuses expressions with the name `caller`.) */
const FIELD_MAP: FieldMap = [
	['CallerIDNum', 'from', parseText],
	['CallerIDName', 'fromName', parseText],
	['CalledDID', 'did', parseText],
	['CalledNumber', 'to', parseText],
	['CalledExtension', 'extension', removeDomain],
	['CalledExtensionID', 'extensionId', parseInteger],
	['CallerExtension', 'callerExtension', removeDomain],
	['CallerExtensionID', 'callerExtensionId', parseInteger],
	['CallAPIID', 'callApiId', parseText],
	['CallID', 'callId', parseText],
	// What the step 'voice navigator' of a voice menu stores.
	['voice_navigator_DTMF', 'digits', parseText],
	['voice_navigator_STT', 'speech', parseText],
];

/** The fields that are no variables: documented ones, and what is the same in every request. */
const KNOWN = new Set([...FIELD_MAP.map(([name]) => name), 'EventType', 'CallStatus', 'CallFlow']);
/** The PBX puts it before the names of the variables of a callback or task. */
const VARIABLE = 'cb_variable_';

/**
 * The output of the trigger: the documented fields in plain words, then the variables of the task or
 * callback, and everything else that arrived: variables of the voice menu, and parameters of the URL.
 */
export function describeCall(fields: Fields): IDataObject {
	const variables: IDataObject = {};
	const parameters: IDataObject = {};
	for (const [name, value] of Object.entries(fields)) {
		if (name.startsWith(VARIABLE)) variables[name.slice(VARIABLE.length)] = value;
		else if (!KNOWN.has(name)) parameters[name] = value;
	}
	return { ...simplifyFields(fields, FIELD_MAP), variables, parameters };
}
