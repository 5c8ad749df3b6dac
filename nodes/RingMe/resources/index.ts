import { agent } from './agent';
import { agentEvent } from './agentEvent';
import { alias } from './alias';
import { call } from './call';
import { callCenterReport } from './callCenterReport';
import { callerId } from './callerId';
import { callStatus } from './callStatus';
import { client } from './client';
import { dialRule } from './dialRule';
import { did } from './did';
import { extension } from './extension';
import { extensionGroup } from './extensionGroup';
import { fax } from './fax';
import { interval } from './interval';
import { networkPermission } from './networkPermission';
import { oauthSession } from './oauthSession';
import { phoneEvent } from './phoneEvent';
import { recording } from './recording';
import type { Resource, Operation } from '../../shared/schema/operation';
import { sound } from './sound';
import { taskScheduler } from './taskScheduler';
import { user } from './user';
import { variable } from './variable';
import { voicemail } from './voicemail';

/** Every resource of the node, as the Resource dropdown shows them. */
export const resources: Resource[] = [
	agent,
	agentEvent,
	alias,
	call,
	callCenterReport,
	callerId,
	callStatus,
	client,
	dialRule,
	did,
	extension,
	extensionGroup,
	fax,
	interval,
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

/** The resource and operation of the two dropdowns; undefined where the pair does not exist. */
export function findOperation(
	resourceKey: string,
	operationKey: string,
): { resource: Resource; operation: Operation } | undefined {
	const resource = byKey.get(resourceKey);
	const operation = resource?.operations[operationKey];
	return resource && operation ? { resource, operation } : undefined;
}
