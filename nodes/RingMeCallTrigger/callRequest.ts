import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';

import {
	bodyBytesOf,
	entries,
	MAX_BODY_BYTES,
	mergeFields,
	type Fields,
} from '../shared/webhook/fields';

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
const NAMES: Record<string, string> = {
	CallerIDNum: 'from',
	CallerIDName: 'fromName',
	CalledDID: 'did',
	CalledNumber: 'to',
	CalledExtension: 'extension',
	CalledExtensionID: 'extensionId',
	CallerExtension: 'callerExtension',
	CallerExtensionID: 'callerExtensionId',
	CallAPIID: 'callApiId',
	CallID: 'callId',
	// What the step 'voice navigator' of a voice menu stores.
	voice_navigator_DTMF: 'digits',
	voice_navigator_STT: 'speech',
};

const NUMERIC = new Set(['extensionId', 'callerExtensionId']);
/** The same in every request. */
const CONSTANT = new Set(['EventType', 'CallStatus', 'CallFlow']);
/** The PBX puts it before the names of the variables of a callback or task. */
const VARIABLE = 'cb_variable_';

/**
 * The output of the trigger: the documented fields in plain words, then the variables of the task or
 * callback, and everything else that arrived: variables of the voice menu, and parameters of the URL.
 */
export function describeCall(fields: Fields): IDataObject {
	const call: IDataObject = {};
	for (const [from, to] of Object.entries(NAMES)) {
		const value = Object.hasOwn(fields, from) ? fields[from] : '';
		if (value === '') continue;
		call[to] = NUMERIC.has(to) && /^\d{1,15}$/.test(value) ? Number(value) : value;
	}
	const variables: IDataObject = {};
	const parameters: IDataObject = {};
	for (const [name, value] of Object.entries(fields)) {
		if (name.startsWith(VARIABLE)) variables[name.slice(VARIABLE.length)] = value;
		else if (!Object.hasOwn(NAMES, name) && !CONSTANT.has(name)) parameters[name] = value;
	}
	return { ...call, variables, parameters };
}
