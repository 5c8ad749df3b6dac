import type { IDataObject } from 'n8n-workflow';

import { camelCase, type Field } from './field';

/**
 * The definition of one endpoint. The editor's properties, the request, the operations table of the
 * docs and the tests are all derived from it.
 */

/** What the PBX returns, and so what becomes an output item. */
export type Result = 'record' | 'list' | 'deleted' | 'file';

export interface Operation {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Path template below `/api/ver1.0`, with the placeholders of the API documentation. */
	path: string;
	result: Result;
	/** What it does, for people and AI agents. */
	description: string;
	/** Name in the Operation dropdown. Default: derived from the key, `getMany` → `Get Many`. */
	label?: string;
	/** Sentence in the node panel. Default: derived from the label and the resource. */
	action?: string;
	required?: Field[];
	optional?: Field[];
	/** Paginated with `page` and `per_page`. */
	paged?: boolean;
	/** Documented without pages, but a PBX was seen to have them: `page` is sent from the second one on. */
	hasFurtherPages?: boolean;
	/** Takes a period (`start_datetime`, `end_datetime`) that the PBX limits; longer ones are split. */
	dateRange?: boolean;
	/** Property of the response that holds the records. */
	rootProperty?: string;
	/**
	 * Turns a response body into records where neither its type nor `rootProperty` describes it.
	 * Returns undefined for a body that is not a response of this endpoint.
	 */
	parse?: (body: unknown) => IDataObject[] | undefined;
	/** Fields of the records that `parse` builds, for the output preview. */
	parsedFields?: Record<string, 'string' | 'number' | 'boolean'>;
	/** Body of an operation that sets the same fields each time, such as *Switch On*. */
	fixedBody?: IDataObject;
	/** Fields that Simplify keeps, for records with more than ten. */
	simplifiedFields?: string[];
	/** Takes all input items at once (`customOperations`); its inputs are read by its own code. */
	bulk?: boolean;
	/** Puts the execution to wait, which only `customOperations` can: elsewhere it is refused. */
	waits?: boolean;
	/** Fields that the node adds to each record, for the output preview. */
	addedFields?: Record<string, 'boolean'>;
	/** Sends a form (multipart/form-data) instead of JSON. */
	multipart?: boolean;
	/** Authorized with the login and password of a PBX user instead of the access token. */
	basicAuth?: boolean;
	/** False where a second request would act again although it is no POST. See `isRepeatable`. */
	repeatable?: false;
	/** The PBX rejects a second request while one is running, so requests go one at a time. */
	serial?: boolean;
}

/**
 * An operation that responds to a request of the PBX (`customOperations`). It sends none itself, so it
 * has no endpoint and no row.
 */
export interface ResponseOperation {
	/** Name in the Operation dropdown. */
	label: string;
	/** What it does, for people and AI agents. */
	description: string;
	/** Sentence in the node panel. */
	action: string;
	/** Fields of its output, for the output preview. */
	outputFields: Record<string, 'string' | 'boolean' | 'strings'>;
}

export interface Resource {
	/** Value in the Resource dropdown: `taskScheduler`. */
	key: string;
	/** Name in the dropdown, singular: `Task Scheduler`. */
	label: string;
	/** In a sentence: `task scheduler`, `task schedulers`. */
	noun: string;
	nouns: string;
	description: string;
	/** Inputs that fill the placeholders of the paths. */
	path: Field[];
	operations: Record<string, Operation>;
	responseOperations: Record<string, ResponseOperation>;
}

type ResourceInput = Pick<Resource, 'label' | 'description' | 'operations'> &
	Partial<Pick<Resource, 'key' | 'noun' | 'nouns' | 'path' | 'responseOperations'>>;

/** Defines a resource; key and nouns are derived from the label unless given. */
export function resource(input: ResourceInput): Resource {
	const noun = input.noun ?? input.label.toLowerCase();
	return {
		key: camelCase(input.label.toLowerCase().replace(/[^a-z0-9]+/g, '_')),
		noun,
		nouns: `${noun}s`,
		path: [],
		responseOperations: {},
		...input,
	};
}

type OperationOptions = Partial<Omit<Operation, 'method' | 'path' | 'description'>>;

const operation =
	(method: Operation['method'], result: Result) =>
	(path: string, description: string, options: OperationOptions = {}): Operation => ({
		method,
		path,
		result,
		description,
		...options,
	});

export const get = operation('GET', 'record');
export const list = operation('GET', 'list');
export const download = operation('GET', 'file');
export const post = operation('POST', 'record');
export const put = operation('PUT', 'record');
export const remove = operation('DELETE', 'deleted');

/** Placeholders of a path: `/client/{client_id}/did/{did_id}` → `['client_id', 'did_id']`. */
export const placeholders = (path: string) =>
	Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1]);

/**
 * Parameter name of a top-level input. The ID of a record of the resource keeps its own name
 * (`extensionId`), that of another resource does not (`callExtensionId`).
 */
export function inputName(resource: Resource, field: Field) {
	const { resource: recordType = resource.key } = field.locator?.list ?? {};
	const isPath = resource.path.includes(field) && field.key !== 'id' && recordType === resource.key;
	const isBulk = Object.values(resource.operations).some(
		({ bulk, required }) => bulk && required?.includes(field),
	);
	return isPath || isBulk ? camelCase(field.key) : camelCase(`${resource.key}_${field.key}`);
}

/** Label and parameter name of the collection of an operation's optional fields. */
export function optionalHeading(resource: Resource, { method }: Operation) {
	const heading = {
		GET: 'Filters',
		POST: 'Additional Fields',
		PUT: 'Update Fields',
		DELETE: 'Delete Options',
	}[method];
	return { heading, name: `${resource.key}${heading.replace(/ /g, '')}` };
}
