import type {
	DeclarativeRestApiSettings,
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecutePaginationFunctions,
	IHttpRequestOptions,
} from 'n8n-workflow';

import { camelCase, type Field } from '../../shared/schema/field';
import { inputName, type Resource, type Operation } from '../../shared/schema/operation';
import { basicAuthorization } from '../../shared/transport/basicAuth';
import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';
import { pbxOrigin, type PbxRequest } from '../../shared/transport/sendRequest';
import type { About } from '../../shared/errors/toNodeError';
import { fill, segment } from '../../shared/transport/path';
import { form } from '../files/upload';
import {
	serializeField,
	ValidationError,
	resolveTimeZone,
	locatorValue,
} from '../../shared/parameters/serialize';

/** Where the user chose none in n8n's request settings of the node. A file must have come by then. */
const TIMEOUT_MS = { json: 30_000, file: 300_000 };

/**
 * The request as it goes out: path filled, values in the PBX's form, nothing optional that the user
 * did not set.
 *
 * @throws InputProblem for a value that does not fit, before anything is sent
 */
export async function prepare(
	context: IExecutePaginationFunctions,
	resource: Resource,
	row: Operation,
	options: DeclarativeRestApiSettings.HttpRequestOptions,
	credentials: ICredentialDataDecryptedObject,
	about: About,
): Promise<PbxRequest> {
	const { node } = about;
	const { client } = context.getNodeParameter('options', {}) as { client?: string };
	const path = fill(row.path, (placeholder) => {
		if (placeholder === 'client_id')
			return segment('PBX Client', client || credentials.client || '@me');
		const field = resource.path.find(({ key }) => key === placeholder);
		if (!field) throw new ValidationError(`No input fills ${placeholder}`);
		const name = inputName(resource, field);
		const dragged = evaluateSimpleExpression(node.parameters[name], context.getInputData().json);
		const id = locatorValue(dragged ?? context.getNodeParameter(name, ''));
		if (field.locator) about.target = `${field.label.toLowerCase()} ${String(id)}`;
		about.id = id;
		return segment(field.label, id);
	});
	const zone = context.getTimezone();
	const send = (given: unknown) => {
		const values = (given ?? {}) as IDataObject;
		const fields = [...(row.required ?? []), ...(row.optional ?? [])];
		const sent: IDataObject = {};
		for (const field of fields) {
			if (!(field.key in values) || !applies(context, field)) continue;
			const zoneThere = resolveTimeZone(field.zoneFrom && values[field.zoneFrom]) ?? zone;
			const value = serializeField(field, values[field.key], zoneThere) as IDataObject[string];
			if (value !== undefined) sent[field.key] = value;
			else if (row.required?.includes(field)) throw new ValidationError(`${field.label} is empty`);
			if (field.kind === 'secret') about.secrets?.push(String(value ?? ''));
		}
		return sent;
	};
	const values = send(options.body);
	const body = row.multipart ? await form(context, row, values) : values;
	const isLarge = row.result === 'file' || row.multipart;
	const { timeout, allowedDomains, ...settings } = options as IHttpRequestOptions;
	const chosen = node.parameters.requestOptions as { timeout?: number } | undefined;
	return {
		...settings,
		method: row.method,
		path,
		qs: send(options.qs),
		...(writes(row) && (Object.keys(values).length || row.multipart ? { body } : NOTHING)),
		...(row.basicAuth && { authorization: basicAuthorization(credentials) }),
		...(allowedDomains && { allowedDomains: withPbx(allowedDomains, credentials) }),
		json: true,
		timeout: chosen?.timeout ? timeout : TIMEOUT_MS[isLarge ? 'file' : 'json'],
	};
}

/**
 * n8n's list of hosts that a credential may be sent to, where the user restricted it. n8n adds the
 * node's own host where `requestDefaults` names it; ours does not, because n8n would evaluate that
 * expression twice an item.
 */
const withPbx = (allowedDomains: string, { baseUrl }: ICredentialDataDecryptedObject) =>
	`${new URL(pbxOrigin(baseUrl)).hostname}, ${allowedDomains}`;

const writes = ({ method }: Operation) => method === 'POST' || method === 'PUT';

/** An update of nothing. n8n leaves an empty object out, and the PBX takes no PUT without JSON. */
const NOTHING = { body: '{}', headers: { 'Content-Type': 'application/json' } };

/**
 * Whether the input belongs to the kind that the user chose. The editor hides the others, except where
 * the kind is an expression: then it shows them all.
 */
const applies = (context: IExecutePaginationFunctions, { showWhen = {} }: Field) =>
	Object.entries(showWhen).every(([key, kinds]) =>
		kinds.includes(String(context.getNodeParameter(camelCase(key), ''))),
	);
