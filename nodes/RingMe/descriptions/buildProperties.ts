import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Field } from '../../shared/schema/field';
import {
	inputName,
	placeholders,
	type Resource,
	type Operation,
} from '../../shared/schema/operation';
import {
	alphabetical,
	collectionOptions,
	buildProperty,
} from '../../shared/descriptions/buildProperty';
import {
	authentication,
	commonOptions,
	limit,
	outputField,
	returnAll,
	simplify,
} from '../../shared/descriptions/commonProperties';

/**
 * Everything the editor shows, from the rows. Fresh objects at each call: n8n appends its own
 * properties to the array it is given.
 *
 * Names differ between resources (`extensionUpdateFields`), because the engine evaluates the value
 * stored under a name once for every property of that name, shown or hidden.
 */
export function buildProperties(resources: Resource[]): INodeProperties[] {
	return [
		authentication,
		resourceChoice(resources),
		...resources.map(operationChoice),
		...resources.flatMap(pathInputs),
		...resources.flatMap(requiredInputs),
		...displayOptionsFor(resources, (row) => row.result === 'list' && !row.bulk).flatMap((show) => [
			{ ...returnAll, displayOptions: { show } },
			{ ...limit, displayOptions: { show: { ...show, returnAll: [false] } } },
		]),
		...displayOptionsFor(resources, (row) => row.result === 'file').map((show) => ({
			...outputField,
			displayOptions: { show },
		})),
		...displayOptionsFor(resources, (row) => row.simplifiedFields !== undefined).map((show) => ({
			...simplify,
			displayOptions: { show },
		})),
		...resources.flatMap(optionalInputs),
		commonOptions,
	];
}

/** `getMany` → `Get Many`. */
export const operationLabel = (key: string, row: Operation) =>
	row.label ??
	key
		.replace(/(^|[A-Z])/g, (letter) => ` ${letter.toUpperCase()}`)
		.replace(/^ +|(?<= ) +/g, '')
		.replace(/^([a-z])/, (letter) => letter.toUpperCase());

/** The name of a row's collection of optional inputs, and its heading. */
export function optionalHeading(resource: Resource, row: Operation) {
	const heading = row.bulk
		? 'Task Options'
		: { GET: 'Filters', POST: 'Additional Fields', PUT: 'Update Fields', DELETE: 'Delete Options' }[
				row.method
			];
	return { heading, name: `${resource.key}${heading.replace(/ /g, '')}` };
}

function resourceChoice(resources: Resource[]): INodeProperties {
	return {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: alphabetical(
			resources.map(({ key, label, description }) => ({ name: label, value: key, description })),
		),
		default: 'taskScheduler',
		// The one switch that puts request/ around every request of every operation.
		routing: { send: { paginate: true } },
	};
}

function operationChoice(resource: Resource): INodeProperties {
	const operations = Object.entries(resource.operations).map(([key, row]): INodePropertyOptions => {
		const label = operationLabel(key, row);
		const words = label.toLowerCase();
		return {
			name: label,
			value: key,
			description: row.description,
			action:
				row.action ??
				sentence(key === 'getMany' ? `get many ${resource.nouns}` : `${words} ${resource.noun}`),
			routing: { request: { method: row.method, url: row.path } },
		};
	});
	const first = DEFAULT_OPERATIONS.find((key) => key in resource.operations) ?? operations[0].value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.key] } },
		options: alphabetical(operations),
		default: first,
	};
}

/** What a person most likely wants, and never something that removes. */
const DEFAULT_OPERATIONS = ['addTasks', 'getMany', 'download', 'get'];

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** One input for each id of a resource, for all its operations. */
const pathInputs = (resource: Resource) =>
	resource.path.map((field): INodeProperties => {
		const operations = Object.keys(resource.operations).filter((key) =>
			placeholders(resource.operations[key].path).includes(field.key),
		);
		return {
			...buildProperty(field, inputName(resource, field)),
			required: true,
			displayOptions: { show: { resource: [resource.key], operation: operations } },
		};
	});

/** Kinds that start with a value of their own, so that nobody has to be told to fill them in. */
const ALWAYS_SET = new Set<Field['kind']>(['choice', 'boolean', 'group', 'integer']);

/** One input for each required field; a field that several rows have in common is one. */
function requiredInputs(resource: Resource): INodeProperties[] {
	const uses = Object.entries(resource.operations).flatMap(([operation, row]) =>
		(row.required ?? []).map((what) => ({ what, operation, where: destination(row) })),
	);
	return groupByField(uses).map(({ what: field, where, operations }): INodeProperties => {
		const input = buildProperty(field, inputName(resource, field), where);
		return {
			...input,
			...(!ALWAYS_SET.has(field.kind) && { required: true }),
			displayOptions: {
				show: { resource: [resource.key], operation: operations, ...input.displayOptions?.show },
			},
		};
	});
}

/** One collection for each row; rows with the very same optional inputs and heading share it. */
function optionalInputs(resource: Resource): INodeProperties[] {
	const uses = Object.entries(resource.operations).flatMap(([operation, row]) =>
		row.optional?.length
			? [{ what: row.optional, operation, where: optionalHeading(resource, row).heading, row }]
			: [],
	);
	return groupByField(uses).map(({ what: optional, where: heading, operations, row }) => ({
		displayName: heading,
		name: optionalHeading(resource, row).name,
		type: 'collection',
		placeholder: heading === 'Filters' ? 'Add Filter' : 'Add Field',
		default: {},
		displayOptions: { show: { resource: [resource.key], operation: operations } },
		options: collectionOptions(optional, destination(row)),
	}));
}

/** The operations that use the same thing in the same place, each with all of them. */
function groupByField<U extends { what: unknown; where?: string; operation: string }>(uses: U[]) {
	const found: Array<U & { operations: string[] }> = [];
	for (const use of uses) {
		const known = found.find(({ what, where }) => what === use.what && where === use.where);
		if (known) known.operations.push(use.operation);
		else found.push({ ...use, operations: [use.operation] });
	}
	return found;
}

/** Where the inputs of a row go; a bulk row's are read by its own code. */
function destination(row: Operation): 'body' | 'query' | undefined {
	if (row.bulk) return undefined;
	return row.method === 'POST' || row.method === 'PUT' ? 'body' : 'query';
}

/**
 * The places in the two dropdowns whose rows pass the test, as few `displayOptions` as possible. One
 * may name pairs of resource and operation that do not exist, but none that fails the test.
 */
function displayOptionsFor(resources: Resource[], test: (row: Operation) => boolean) {
	const shows: Array<{ resource: string[]; operation: string[] }> = [];
	const passes = (resource: Resource, operation: string) => {
		const row = resource.operations[operation];
		return row === undefined || test(row);
	};
	for (const resource of resources) {
		for (const operation of Object.keys(resource.operations)) {
			if (!passes(resource, operation)) continue;
			const fitting = shows.find(
				(show) =>
					show.operation.every((other) => passes(resource, other)) &&
					resources.every(
						(other) => !show.resource.includes(other.key) || passes(other, operation),
					),
			);
			if (!fitting) shows.push({ resource: [resource.key], operation: [operation] });
			else {
				fitting.resource = [...new Set([...fitting.resource, resource.key])];
				fitting.operation = [...new Set([...fitting.operation, operation])];
			}
		}
	}
	return shows;
}
