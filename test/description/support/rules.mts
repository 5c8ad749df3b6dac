// Rules for the parameters of a node that is built from resources. A rule returns the paths of the
// parameters that break it.

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import type { BuiltNode } from '../../wire/support/node.mts';
import { placeholders } from '../../wire/support/endpoints.mts';

export type Rule = (properties: INodeProperties[], node: BuiltNode) => string[];

const options = (property?: INodeProperties) => (property?.options ?? []) as INodePropertyOptions[];
const operationInputs = (properties: INodeProperties[]) =>
	properties.filter(({ name }) => name === 'operation');

/** A parameter and all parameters inside it, each with its path. */
export function flatten(property: INodeProperties, at: string = property.name): Found[] {
	const found: Found[] = [{ property, at }];
	for (const member of (property.options ?? []) as Array<
		INodeProperties | INodePropertyCollection
	>) {
		if ('values' in member) {
			found.push(
				...member.values.flatMap((value) => flatten(value, `${at}.${member.name}.${value.name}`)),
			);
		} else if (property.type === 'collection') {
			found.push(...flatten(member as INodeProperties, `${at}.${member.name}`));
		}
	}
	return found;
}

type Member = INodePropertyOptions | INodeProperties | INodePropertyCollection;

interface Found {
	property: INodeProperties;
	at: string;
}

const allOf = (properties: INodeProperties[]) =>
	properties.flatMap((property) => flatten(property));

const duplicates = (list: string[]) => [
	...new Set(list.filter((value, index) => list.indexOf(value) !== index)),
];

const isSorted = (names: string[]) =>
	names.every((name, index) => index === 0 || names[index - 1].localeCompare(name) <= 0);

export const rules: Record<string, Rule> = {
	'every resource has one list of operations, without duplicates': (properties) => {
		const resources = options(properties.find(({ name }) => name === 'resource'));
		const shownFor = operationInputs(properties).map(({ displayOptions }) =>
			String(displayOptions?.show?.resource),
		);
		const values = resources.map(({ value }) => String(value));
		const repeated = operationInputs(properties).flatMap((input) =>
			duplicates(options(input).map(({ value }) => String(value))),
		);
		const missing = values.filter((value) => !shownFor.includes(value));
		const unknown = shownFor.filter((value) => !values.includes(value));
		return [...duplicates(values), ...duplicates(shownFor), ...missing, ...unknown, ...repeated];
	},

	'every operation has an action and a description of its own': (properties) =>
		operationInputs(properties).flatMap((input) =>
			options(input)
				.filter(
					({ name, action, description }) =>
						!name ||
						!/^[A-Z]/.test(action ?? '') ||
						(description ?? '').length < 15 ||
						description === action,
				)
				.map(({ name }) => `${String(input.displayOptions?.show?.resource)}: ${name}`),
		),

	'every placeholder of a path has a required parameter': (_, node) =>
		node.operations().flatMap((operation) =>
			placeholders(operation.url)
				.filter((name) => name !== 'client_id' && !node.pathInput(operation, name)?.required)
				.map((name) => `${operation.method} ${operation.url}: ${name}`),
		),

	'only the parameter Resource sets paginate, and no parameter changes the request in another way':
		(properties) => {
			const sends = allOf(properties).filter(
				({ property }) => property.routing?.send?.paginate !== undefined,
			);
			const others = allOf(properties).filter(
				({ property: { routing } }) => routing?.operations || routing?.output || routing?.request,
			);
			const inOptions = operationInputs(properties)
				.flatMap(options)
				.filter(({ routing }) => routing?.send || routing?.output || routing?.operations);
			const [first] = sends;
			const isRight =
				sends.length === 1 && first.at === 'resource' && !first.property.displayOptions;
			return [
				...(isRight && first.property.routing?.send?.paginate === true ? [] : ['paginate']),
				...others.map(({ at }) => at),
				...inOptions.map(({ name }) => name),
			];
		},

	'a parameter sends its value unchanged and under its own name': (properties) =>
		allOf(properties)
			.filter(({ property: { routing } }) => {
				const send = routing?.send;
				return send && (send.value !== undefined || send.preSend || send.propertyInDotNotation);
			})
			.map(({ at }) => at),

	'every collection is empty by default': (properties) =>
		allOf(properties)
			.filter(
				({ property: { type, default: initial } }) =>
					/^(collection|fixedCollection)$/.test(type) &&
					// n8n's engine reads `batching.batch` without a check.
					!['{}', '{"batch":{}}'].includes(JSON.stringify(initial)),
			)
			.map(({ at }) => at),

	'lists of five or more entries are in alphabetical order': (properties) => {
		const lists = allOf(properties).flatMap(({ property, at }) => {
			const members = (property.options ?? []) as Member[];
			// Days of the week and months are in calendar order.
			const isCalendar = members.some(
				(member) => 'value' in member && typeof member.value === 'number',
			);
			if (isCalendar) return [];
			const names = members.map((member) =>
				'displayName' in member ? member.displayName : member.name,
			);
			const rows = members.flatMap((member) =>
				'values' in member
					? [[at, member.values.map(({ displayName }) => displayName)] as const]
					: [],
			);
			return [...(property.type === 'fixedCollection' ? [] : [[at, names] as const]), ...rows];
		});
		return lists
			.filter(([, names]) => names.length >= 5 && !isSorted([...names]))
			.map(([at]) => at);
	},

	'no two parameters of an operation have the same label': (_, node) =>
		node.operations().flatMap((nodeOperation) => {
			const { resource, operation } = nodeOperation;
			const labels = node.shownInputs(nodeOperation).map(({ displayName }) => displayName);
			return duplicates(labels).map((label) => `${resource}.${operation}: ${label}`);
		}),

	'every parameter that is sent has a label in title case and a description': (properties) =>
		allOf(properties)
			.filter(
				({ property: { displayName, description, routing } }) =>
					!/^[A-Z]/.test(displayName) ||
					(routing?.send?.property && (description ?? '').length < 8) ||
					description === displayName,
			)
			.map(({ at }) => at),

	'numbers are integers and passwords are hidden': (properties) =>
		allOf(properties)
			.filter(({ property: { name, type, typeOptions } }) =>
				/password/i.test(name)
					? !typeOptions?.password
					: type === 'number' && name !== 'limit'
						? typeOptions?.numberPrecision !== 0
						: false,
			)
			.map(({ at }) => at),

	'every parameter is shown for resources and operations that exist': (properties) => {
		const operations = new Map(
			operationInputs(properties).map((input) => [
				String(input.displayOptions?.show?.resource),
				options(input).map(({ value }) => String(value)),
			]),
		);
		return properties
			.filter(({ displayOptions }) => {
				const show = displayOptions?.show;
				if (!show) return false;
				const resources = (show.resource ?? []).map(String);
				const shown = (show.operation ?? []).map(String);
				const known = resources.flatMap((resource) => operations.get(resource) ?? []);
				return (
					resources.length === 0 ||
					resources.some((resource) => !operations.has(resource)) ||
					shown.some((operation) => !known.includes(operation))
				);
			})
			.map(({ name }) => name);
	},

	// The engine evaluates the value stored under a name once for every parameter of that name.
	'a name is used by at most five parameters': (properties) => {
		const names = properties.map(({ name }) => name).filter((name) => name !== 'operation');
		return [...new Set(names)].filter((name) => names.filter((other) => other === name).length > 5);
	},
};
