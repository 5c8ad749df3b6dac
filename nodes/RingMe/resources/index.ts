import { agent } from './agent';
import { agentEvent } from './agentEvent';
import { alias } from './alias';
import { call } from './call';
import { callCenterReport } from './callCenterReport';
import { callerId } from './callerId';
import { callStatus } from './callStatus';
import { client } from './client';
import { dialRuleList } from './dialRuleList';
import { did } from './did';
import { extension } from './extension';
import { extensionEvent } from './extensionEvent';
import { extensionGroup } from './extensionGroup';
import { fax } from './fax';
import { interval } from './interval';
import { message } from './message';
import { networkPermission } from './networkPermission';
import { oauthSession } from './oauthSession';
import { phoneEvent } from './phoneEvent';
import { recording } from './recording';
import { sound } from './sound';
import { taskScheduler } from './taskScheduler';
import { user } from './user';
import { variable } from './variable';
import { voicemail } from './voicemail';
import type { Resource, Operation } from '../../shared/schema/operation';

/** Every resource of the node. */
export const resources: Resource[] = [
	agent,
	agentEvent,
	alias,
	call,
	callCenterReport,
	callerId,
	callStatus,
	client,
	dialRuleList,
	did,
	extension,
	extensionEvent,
	extensionGroup,
	fax,
	interval,
	message,
	networkPermission,
	oauthSession,
	phoneEvent,
	recording,
	sound,
	taskScheduler,
	user,
	variable,
	voicemail,
];

const byKey = new Map(resources.map((each) => [each.key, each]));

/** Looks up a resource and operation by their keys. Undefined if the operation does not exist. */
export function findOperation(
	resourceKey: string,
	operationKey: string,
): { resource: Resource; operation: Operation } | undefined {
	const resource = byKey.get(resourceKey);
	const operation = resource?.operations[operationKey];
	return resource && operation ? { resource, operation } : undefined;
}

/** Whether the operation responds to a request of the PBX, so that it has no endpoint. */
export const isResponseOperation = (resourceKey: string, operationKey: string) =>
	byKey.get(resourceKey)?.responseOperations[operationKey] !== undefined;
