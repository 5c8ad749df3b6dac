import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { answerSteps } from '../answer/parameters';
import { camelCase, type Field } from '../../shared/schema/field';
import {
	inputName,
	optionalHeading,
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
	limit,
	optionsCollection,
	outputField,
	pbxClient,
	returnAll,
	simplify,
} from '../../shared/descriptions/commonProperties';

/**
 * Builds all parameters of the node from its resources. Returns a new array at each call, because
 * n8n appends its own parameters to it.
 *
 * For each item, n8n goes through all parameters, and evaluates the value stored under a name once for
 * every parameter of that name, shown or hidden. So resources share the parameter of a field that they
 * have in common, and other names differ between them (`extensionUpdateFields`).
 */
export function buildProperties(resources: Resource[]): INodeProperties[] {
	return [
		authentication,
		resourceParameter(resources),
		...resources.map(operationParameter),
		...pathInputs(resources),
		...requiredInputs(resources),
		...displayOptionsFor(resources, ({ result, bulk }) => result === 'list' && !bulk).flatMap(
			(show) => [
				{ ...returnAll, displayOptions: { show } },
				{ ...limit, displayOptions: { show: { ...show, returnAll: [false] } } },
			],
		),
		...displayOptionsFor(resources, ({ result }) => result === 'file').map((show) => ({
			...outputField,
			displayOptions: { show },
		})),
		...displayOptionsFor(resources, ({ simplifiedFields }) => simplifiedFields !== undefined).map(
			(show) => ({
				...simplify,
				displayOptions: { show },
			}),
		),
		...resources.flatMap(optionalInputs),
		...resources.flatMap(bulkOptions),
		answerSteps,
		// Not for a response operation, which sends no request.
		...displayOptionsFor(resources, () => true).map((show) => ({
			...pbxClient,
			displayOptions: { show },
		})),
	];
}

/** Name of an operation in the dropdown: `getMany` → `Get Many`. */
export const operationLabel = (key: string, operation: Operation) =>
	operation.label ??
	key
		.replace(/(^|[A-Z])/g, (letter) => ` ${letter.toUpperCase()}`)
		.replace(/^ +|(?<= ) +/g, '')
		.replace(/^([a-z])/, (letter) => letter.toUpperCase());

/** For a bulk operation, one collection of its optional fields. */
const bulkOptions = ({ key: resource, operations }: Resource) =>
	Object.entries(operations)
		.filter(([, { bulk }]) => bulk)
		.map(
			([operation, { optional = [] }]): INodeProperties => ({
				...optionsCollection(collectionOptions(optional)),
				displayOptions: { show: { resource: [resource], operation: [operation] } },
			}),
		);

function resourceParameter(resources: Resource[]): INodeProperties {
	return {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: alphabetical(
			resources.map(({ key, label, description }) => ({ name: label, value: key, description })),
		),
		default: 'taskScheduler',
		// Makes n8n call the pagination function, `executeOperation`, for every operation of the node.
		routing: { send: { paginate: true } },
	};
}

/** Operations that need a call or an execution which a tool of an AI agent does not have. */
const HIDDEN_FOR_TOOLS = { displayOptions: { hide: { '@tool': [true] } } };

function operationParameter(resource: Resource): INodeProperties {
	const operations = Object.entries(resource.operations).map(
		([key, operation]): INodePropertyOptions => {
			const label = operationLabel(key, operation);
			return {
				name: label,
				value: key,
				description: operation.description,
				action:
					operation.action ??
					(key === 'getMany'
						? `Get many ${resource.nouns}`
						: `${label.charAt(0)}${label.slice(1).toLowerCase()} ${resource.noun}`),
				routing: { request: { method: operation.method, url: operation.path } },
				...(operation.waits && HIDDEN_FOR_TOOLS),
			};
		},
	);
	const responses = Object.entries(resource.responseOperations).map(
		([value, { label: name, description, action }]) => ({
			name,
			value,
			description,
			action,
			...HIDDEN_FOR_TOOLS,
		}),
	);
	const first = DEFAULT_OPERATIONS.find((key) => key in resource.operations) ?? operations[0].value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.key] } },
		options: alphabetical([...operations, ...responses]),
		default: first,
	};
}

/** Operations that are selected first, in this order. None of them deletes anything. */
const DEFAULT_OPERATIONS = ['addTasks', 'getMany', 'download', 'get'];

/** One parameter for each placeholder in the paths. Resources that share a field share its parameter. */
const pathInputs = (resources: Resource[]) =>
	unique(resources.flatMap(({ path }) => path)).flatMap((field): INodeProperties[] => {
		const owners = resources.filter(({ path }) => path.includes(field));
		return displayOptionsFor(owners, ({ path }) => placeholders(path).includes(field.key)).map(
			(show) => ({
				...buildProperty(field, inputName(owners[0], field)),
				required: true,
				displayOptions: { show },
			}),
		);
	});

/** Kinds that always have a value, so that n8n need not require one. */
const ALWAYS_SET = new Set<Field['kind']>(['choice', 'boolean', 'group', 'integer']);

/**
 * Whether n8n refuses to run without the field. Where a type decides which fields belong, the request is
 * checked instead: with an expression for the type, n8n would require the fields of all types.
 */
const isRequiredInEditor = ({ kind, required, showWhen }: Field) =>
	!ALWAYS_SET.has(kind) && required !== false && !showWhen;

/**
 * One parameter for each required field. Operations that share a field share its parameter, and it has
 * no prefix if they belong to several resources. The order is that of the definition of each operation.
 */
function requiredInputs(resources: Resource[]): INodeProperties[] {
	const operations = resources.flatMap((resource) =>
		Object.values(resource.operations).map((operation) => ({ resource, operation })),
	);
	const uses = operations.flatMap(({ resource, operation: { required = [] } }) =>
		required.map((field, position) => ({ resource, field, position })),
	);
	const fields = unique(uses.map(({ field }) => field)).map((field) => {
		const ofField = uses.filter((use) => use.field === field);
		const owners = unique(ofField.map(({ resource }) => resource));
		return {
			field,
			owners,
			name: owners.length > 1 ? camelCase(field.key) : inputName(owners[0], field),
			position: Math.max(...ofField.map(({ position }) => position)),
		};
	});
	return fields
		.sort((one, other) => one.position - other.position)
		.flatMap(({ field, owners, name }) =>
			DESTINATIONS.flatMap((sendTo) =>
				displayOptionsFor(
					owners,
					(operation) =>
						operation.required?.includes(field) === true && destination(operation) === sendTo,
				).map((show): INodeProperties => {
					const parameter = buildProperty(field, name, sendTo);
					return {
						...parameter,
						...(isRequiredInEditor(field) && { required: true }),
						displayOptions: { show: { ...show, ...parameter.displayOptions?.show } },
					};
				}),
			),
		);
}

/** One collection for each operation with optional fields. Operations with the same list share it. */
function optionalInputs(resource: Resource): INodeProperties[] {
	const uses = Object.entries(resource.operations).flatMap(([key, operation]) =>
		operation.optional?.length && !operation.bulk
			? [
					{
						item: operation.optional,
						operation: key,
						group: optionalHeading(resource, operation).heading,
						definition: operation,
					},
				]
			: [],
	);
	return groupByField(uses).map(({ item: optional, group: heading, operations, definition }) => ({
		displayName: heading,
		name: optionalHeading(resource, definition).name,
		type: 'collection',
		placeholder: heading === 'Filters' ? 'Add Filter' : 'Add Field',
		default: {},
		displayOptions: { show: { resource: [resource.key], operation: operations } },
		options: collectionOptions(optional, destination(definition)),
	}));
}

const unique = <T>(values: T[]) => [...new Set(values)];

/** Merges uses of the same item in the same group, and lists the operations of each. */
function groupByField<U extends { item: unknown; group?: string; operation: string }>(uses: U[]) {
	const found: Array<U & { operations: string[] }> = [];
	for (const use of uses) {
		const known = found.find(({ item, group }) => item === use.item && group === use.group);
		if (known) known.operations.push(use.operation);
		else found.push({ ...use, operations: [use.operation] });
	}
	return found;
}

const DESTINATIONS = ['body', 'query', undefined] as const;

/** Where n8n sends the fields of an operation. Those of a bulk operation are read by its own code. */
function destination({ bulk, method }: Operation): (typeof DESTINATIONS)[number] {
	if (bulk) return undefined;
	return method === 'POST' || method === 'PUT' ? 'body' : 'query';
}

/**
 * The smallest set of `displayOptions` that shows a parameter for exactly the matching operations.
 * Fewer parameters of one name mean fewer evaluations by n8n. An entry may contain a pair of
 * resource and operation that does not exist, but none that does not match.
 */
function displayOptionsFor(resources: Resource[], matches: (operation: Operation) => boolean) {
	const shows: Array<{ resource: string[]; operation: string[] }> = [];
	const fits = ({ operations }: Resource, key: string) =>
		operations[key] === undefined || matches(operations[key]);
	for (const resource of resources) {
		for (const key of Object.keys(resource.operations)) {
			if (!fits(resource, key)) continue;
			const show = shows.find(
				(candidate) =>
					candidate.operation.every((other) => fits(resource, other)) &&
					resources.every((other) => !candidate.resource.includes(other.key) || fits(other, key)),
			);
			if (!show) shows.push({ resource: [resource.key], operation: [key] });
			else {
				show.resource = unique([...show.resource, resource.key]);
				show.operation = unique([...show.operation, key]);
			}
		}
	}
	return shows;
}
