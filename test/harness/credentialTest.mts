/** The Test button of a credential: its test request, sent by the engine as it sends those of nodes. */
import type { ICredentialTestRequest, INodeType, INodeTypes } from 'n8n-workflow';

import { TEMP_NODE, type StoredCredential } from './credentials.mts';
import { additionalData, workflowOf, type Parts } from './workflow.mts';

export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

/**
 * Tests a saved credential. A token is fetched and stored first, if the credential needs one.
 *
 * @returns what the user sees: the message of the matching rule, or the server's status text
 */
export async function testCredential(
	parts: Parts,
	{ id, name, type }: StoredCredential,
): Promise<CredentialTestResult> {
	const { n8n, nodeTypes, credentials } = parts;
	const { test } = credentials.type(type);
	if (!test) return { status: 'Error', message: 'The credential has no test' };

	const details = { id, name };
	// A node that only sends the request, and may use this credential.
	const { description } = nodeTypes.getByNameAndVersion(TEMP_NODE.type);
	const property = { displayName: 'Temp', name: 'temp', type: 'string' as const, default: '' };
	const nodeType: INodeType = {
		description: {
			...description,
			credentials: [{ name: type, required: true }],
			properties: [{ ...property, routing: { request: test.request } }],
		},
	};
	const onlyThisType: INodeTypes = {
		getByName: () => nodeType,
		getByNameAndVersion: () => nodeType,
		getKnownTypes: () => ({}),
	};
	const workflow = workflowOf(
		parts,
		[{ ...TEMP_NODE, credentials: { [type]: details } }],
		{},
		{ nodeTypes: onlyThisType },
	);
	const node = workflow.nodes[TEMP_NODE.name];
	const extra = additionalData(parts, { currentNodeParameters: node.parameters });
	const decrypted = await credentials.getDecrypted(extra, details, type, 'internal');
	const context = new n8n.core.ExecuteContext(
		workflow,
		node,
		extra,
		'internal',
		n8n.workflow.createRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	const routing = new n8n.core.RoutingNode(context, nodeType, {
		...details,
		type,
		data: decrypted,
	});
	try {
		const output = await workflow.expression.withIsolate(async () => await routing.runNode());
		const failedRule = rules(test).find(
			(rule) =>
				rule.type === 'responseSuccessBody' &&
				valueAt(output?.[0]?.[0]?.json, rule.properties.key) === rule.properties.value,
		);
		return failedRule
			? { status: 'Error', message: failedRule.properties.message }
			: { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		return { status: 'Error', message: describeFailure(error as FailedRequest, test) };
	}
}

interface FailedRequest extends Error {
	cause?: { code?: string; response?: { status: number; statusText?: string } };
}

function describeFailure({ message, cause }: FailedRequest, test: ICredentialTestRequest): string {
	if (!cause?.response) return cause?.code ?? message;
	const { status, statusText } = cause.response;
	const rule = rules(test).find((r) => r.type === 'responseCode' && r.properties.value === status);
	return rule?.properties.message ?? (statusText || `Received HTTP status code: ${status}`);
}

const rules = ({ rules: list = [] }: ICredentialTestRequest) => [...list];

const valueAt = (source: unknown, path: string): unknown =>
	path
		.split('.')
		.reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], source);
