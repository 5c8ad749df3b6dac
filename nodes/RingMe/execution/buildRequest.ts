import type {
	DeclarativeRestApiSettings,
	IDataObject,
	IExecutePaginationFunctions,
	IHttpRequestOptions,
	INode,
} from 'n8n-workflow';

import type { RecordReference } from '../../shared/errors/requestError';
import { ValidationError } from '../../shared/errors/validationError';
import { isEmpty, isExpression, locatorValue } from '../../shared/parameters/parseText';
import { parseCountry } from '../../shared/parameters/parseCountry';
import { checkRanges } from '../../shared/parameters/ranges';
import { parseChoice, serializeField } from '../../shared/parameters/serialize';
import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';
import { camelCase, type Field } from '../../shared/schema/field';
import {
	inputName,
	optionalHeading,
	type Operation,
	type Resource,
} from '../../shared/schema/operation';
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
	const values = { ...operation.fixedBody, ...serializeInputs(input, options.body, 'body') };
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
			qs: serializeInputs(input, options.qs, 'qs'),
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
		const value = locatorValue(simpleValue ?? context.getNodeParameter(name, ''));
		const id = field.kind === 'choice' ? parseChoice(field, value) : value;
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
function serializeInputs(
	input: ItemInput,
	inputs: unknown,
	destination: 'body' | 'qs',
): IDataObject {
	const { context, operation } = input;
	const { required = [], optional = [] } = operation;
	if (hasBody(operation) !== (destination === 'body')) return {};
	const values = (inputs ?? {}) as IDataObject;
	const added = addedInputs(input);
	const workflowTimeZone = context.getTimezone();
	const serialized: IDataObject = {};
	const fields = [...required, ...optional];
	const country = countryOf(input, added);
	for (const field of fields) {
		const isRequired = required.includes(field);
		const isSet = isRequired || Object.hasOwn(added, camelCase(field.key));
		if (!isSet || field.kind === 'country' || !belongsToType(input, field, isRequired)) continue;
		const raw = isRequired ? rawRequired(input, field) : added[camelCase(field.key)];
		const ownTimeZone = field.timeZoneField && values[field.timeZoneField];
		const timeZone = isEmpty(ownTimeZone) ? workflowTimeZone : String(ownTimeZone);
		const value = (serializeField(field, values[field.key], timeZone, raw, country) ??
			emptyValue(operation, field, isRequired, values[field.key])) as IDataObject[string];
		if (value !== undefined && field.into) {
			serialized[field.into] = {
				...(serialized[field.into] as IDataObject | undefined),
				[field.key]: String(value),
			};
		} else if (value !== undefined) serialized[field.key] = value;
	}
	checkRanges(fields, serialized);
	return serialized;
}

/**
 * What is sent for an input that is set and has no value for the item. A filter without a value would
 * mean all records, and a change without one something else than what the user asked for. An optional
 * field of a new record is left out.
 *
 * @throws ValidationError where the input must have a value
 */
function emptyValue(
	{ method }: Operation,
	{ label, kind, narrows, clearable }: Field,
	isRequired: boolean,
	value: unknown,
): unknown {
	if (isRequired) throw new ValidationError(`'${label}' is empty`, CHECK_EXPRESSION);
	if (method === 'POST' && !narrows) return undefined;
	const isCleared = value !== undefined && !(Array.isArray(value) && value.length > 0);
	if (method === 'PUT' && clearable && isCleared) return EMPTY_VALUES[kind] ?? null;
	// The user has clicked 'Add Field', and added no row.
	if (method === 'PUT' && (kind === 'rows' || kind === 'keyValues') && value !== undefined) {
		return undefined;
	}
	throw new ValidationError(
		`'${label}' is set, but it is empty`,
		method === 'PUT'
			? `To leave it as it is, remove '${label}'. ${CHECK_EXPRESSION}`
			: `Without a value it would not limit anything. To include everything, remove '${label}'. ${CHECK_EXPRESSION}`,
	);
}

const CHECK_EXPRESSION =
	'If it comes from an expression, check that the expression has a value for this item.';

/** What clears a field on the PBX; null for other kinds. */
const EMPTY_VALUES: Partial<Record<Field['kind'], unknown>> = {
	text: '',
	longText: '',
	strings: [],
	choices: [],
	integers: [],
};

/** The optional inputs that the user added, as n8n stores them. */
const addedInputs = ({ node, resource, operation }: ItemInput) =>
	(node.parameters[optionalHeading(resource, operation).name] ?? {}) as Record<string, unknown>;

/** The country of national numbers; undefined where the user did not add it. */
function countryOf({ context, resource, operation }: ItemInput, added: Record<string, unknown>) {
	const field = operation.optional?.find(({ kind }) => kind === 'country');
	if (!field || !Object.hasOwn(added, camelCase(field.key))) return undefined;
	const { name } = optionalHeading(resource, operation);
	return parseCountry(field.label, context.getNodeParameter(`${name}.${camelCase(field.key)}`));
}

/** A required input as n8n stores it. It has no prefix where resources share it. */
const rawRequired = ({ node, resource }: ItemInput, field: Field) =>
	node.parameters[inputName(resource, field)] ?? node.parameters[camelCase(field.key)];

/**
 * Whether an input belongs to the type that the user chose. The editor hides the others, unless the type
 * is an expression: then it shows them all.
 *
 * @throws ValidationError for an added input of another type
 */
function belongsToType(
	{ context, node, resource }: ItemInput,
	{ label, showWhen = {} }: Field,
	isRequired: boolean,
): boolean {
	for (const [key, values] of Object.entries(showWhen)) {
		const type = resource.path.find((field) => field.key === key);
		if (!type) throw new ValidationError(`No input is named ${key}`);
		const name = inputName(resource, type);
		const chosen = parseChoice(type, context.getNodeParameter(name, ''));
		if (values.includes(String(chosen))) continue;
		if (isRequired || !isExpression(node.parameters[name])) return false;
		throw new ValidationError(
			`'${label}' does not belong to the '${type.label}' ${labelOf(type, chosen)}`,
			`Remove '${label}', or choose another '${type.label}'.`,
		);
	}
	return true;
}

const labelOf = ({ choices = [] }: Field, chosen: string | number) =>
	choices.find(({ value }) => value === chosen)?.label ?? String(chosen);

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
