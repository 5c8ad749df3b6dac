import type {
	DeclarativeRestApiSettings,
	IDataObject,
	IExecutePaginationFunctions,
	IHttpRequestOptions,
	INode,
} from 'n8n-workflow';

import type { RecordReference } from '../../shared/errors/requestError';
import { ValidationError } from '../../shared/errors/validationError';
import { resolveTimeZone } from '../../shared/parameters/dateTime';
import { locatorValue, serializeField } from '../../shared/parameters/serialize';
import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';
import { camelCase, type Field } from '../../shared/schema/field';
import { inputName, type Operation, type Resource } from '../../shared/schema/operation';
import { pbxOrigin } from '../../shared/transport/baseUrl';
import { basicAuthorization } from '../../shared/transport/basicAuth';
import type { PbxClient, RequestOptions } from '../../shared/transport/client';
import { buildForm } from '../files/upload';

/** For files it covers the whole transfer. */
const TIMEOUT_MS = { json: 30_000, file: 300_000 };

/** An update without fields. n8n omits an empty object, and the PBX accepts no PUT without JSON. */
const EMPTY_JSON_BODY = { body: '{}', headers: { 'Content-Type': 'application/json' } };

/** An item of an operation, as n8n passes it to the node. */
export interface ItemInput {
	context: IExecutePaginationFunctions;
	node: INode;
	resource: Resource;
	operation: Operation;
	/** The request that n8n built from the visible parameters. */
	options: DeclarativeRestApiSettings.HttpRequestOptions;
}

/**
 * Builds the request of an item: the path is filled, values are serialized for the PBX, optional
 * inputs that the user did not set are omitted.
 *
 * @throws ValidationError for an invalid input, before anything is sent
 */
export async function buildRequest(input: ItemInput, client: PbxClient): Promise<RequestOptions> {
	const { context, operation, options } = input;
	const { path, resource } = fillPath(input, client);
	const values = { ...operation.fixedBody, ...serializeInputs(input, options.body) };
	const body = operation.multipart ? await buildForm(context, operation, values) : values;
	const isFile = operation.result === 'file' || operation.multipart;
	const { allowedDomains, ...settings } = options as IHttpRequestOptions;
	return {
		method: operation.method,
		repeatable: operation.repeatable,
		path,
		resource,
		basicAuth: operation.basicAuth,
		...(operation.basicAuth && { authorization: basicAuthorization(client.credentials) }),
		secrets: secretValues(operation, values),
		http: {
			...settings,
			qs: serializeInputs(input, options.qs),
			...(hasBody(operation) &&
				(operation.multipart || Object.keys(values).length ? { body } : EMPTY_JSON_BODY)),
			...(allowedDomains && {
				allowedDomains: withPbxHost(allowedDomains, client.credentials.baseUrl),
			}),
			timeout: TIMEOUT_MS[isFile ? 'file' : 'json'],
		},
	};
}

/** The path of the request, and the record that it addresses. */
function fillPath({ context, node, resource, operation }: ItemInput, client: PbxClient) {
	let record: RecordReference | undefined;
	const path = client.path(operation.path, (placeholder) => {
		const field = resource.path.find(({ key }) => key === placeholder);
		if (!field) throw new ValidationError(`No input fills ${placeholder}`);
		const name = inputName(resource, field);
		const simpleValue = evaluateSimpleExpression(
			node.parameters[name],
			context.getInputData().json,
		);
		const id = locatorValue(simpleValue ?? context.getNodeParameter(name, ''));
		if (field.locator) record = { label: field.label.toLowerCase(), id };
		return { label: field.label, value: id };
	});
	return { path, resource: record };
}

/**
 * Serializes the inputs that n8n collected for the body or the query.
 *
 * @throws ValidationError for an invalid or missing value
 */
function serializeInputs({ context, operation }: ItemInput, inputs: unknown): IDataObject {
	const { required = [], optional = [] } = operation;
	const values = (inputs ?? {}) as IDataObject;
	const workflowTimeZone = context.getTimezone();
	const serialized: IDataObject = {};
	for (const field of [...required, ...optional]) {
		if (!(field.key in values) || !isVisible(context, field)) continue;
		const timeZone =
			resolveTimeZone(field.timeZoneField && values[field.timeZoneField]) ?? workflowTimeZone;
		const value = serializeField(field, values[field.key], timeZone) as IDataObject[string];
		if (value !== undefined && field.into) {
			serialized[field.into] = {
				...(serialized[field.into] as IDataObject | undefined),
				[field.key]: String(value),
			};
		} else if (value !== undefined) serialized[field.key] = value;
		else if (required.includes(field)) throw new ValidationError(`'${field.label}' is empty`);
	}
	return serialized;
}

/** Passwords in the body, which the PBX may repeat in an error message. */
const secretValues = ({ required = [], optional = [] }: Operation, values: IDataObject) =>
	[...required, ...optional]
		.filter(({ key, kind }) => kind === 'secret' && values[key])
		.map(({ key }) => String(values[key]));

/**
 * The hosts that the user restricted the credential to, with that of the PBX. n8n adds the host of
 * `requestDefaults.baseURL` itself; this node has none, because n8n would evaluate that expression
 * twice per item.
 */
const withPbxHost = (allowedDomains: string, baseUrl: unknown) =>
	`${new URL(pbxOrigin(baseUrl)).hostname}, ${allowedDomains}`;

const hasBody = ({ method }: Operation) => method === 'POST' || method === 'PUT';

/**
 * Whether an input belongs to the variant that the user chose. The editor hides the others, unless
 * the choice is an expression: then it shows them all.
 */
const isVisible = (context: IExecutePaginationFunctions, { showWhen = {} }: Field) =>
	Object.entries(showWhen).every(([key, values]) =>
		values.includes(String(context.getNodeParameter(camelCase(key), ''))),
	);
