/**
 * What holds for the properties of a node made from rows, whatever the rows are. Each rule gives the
 * places where it is broken, in words.
 */
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import type { BuiltNode } from '../../wire/support/node.mts';
import { placeholders } from '../../wire/support/endpoints.mts';

type Rule = (properties: INodeProperties[], node: BuiltNode) => string[];

const options = (property?: INodeProperties) => (property?.options ?? []) as INodePropertyOptions[];
const operationInputs = (properties: INodeProperties[]) =>
	properties.filter(({ name }) => name === 'operation');

/** The property and all that stands in it, with the names on the way. */
export function inside(property: INodeProperties, at: string = property.name): Found[] {
	const found: Found[] = [{ property, at }];
	for (const member of (property.options ?? []) as Array<
		INodeProperties | INodePropertyCollection
	>) {
		if ('values' in member) {
			found.push(
				...member.values.flatMap((one) => inside(one, `${at}.${member.name}.${one.name}`)),
			);
		} else if (property.type === 'collection') {
			found.push(...inside(member as INodeProperties, `${at}.${member.name}`));
		}
	}
	return found;
}

type Member = INodePropertyOptions | INodeProperties | INodePropertyCollection;

interface Found {
	property: INodeProperties;
	at: string;
}

const everything = (properties: INodeProperties[]) => properties.flatMap((one) => inside(one));

const twice = (list: string[]) => [...new Set(list.filter((one, n) => list.indexOf(one) !== n))];

const isSorted = (names: string[]) =>
	names.every((name, index) => index === 0 || names[index - 1].localeCompare(name) <= 0);

export const rules: Record<string, Rule> = {
	'each resource has one list of operations, without doubles': (properties) => {
		const resources = options(properties.find(({ name }) => name === 'resource'));
		const shownFor = operationInputs(properties).map(({ displayOptions }) =>
			String(displayOptions?.show?.resource),
		);
		const values = resources.map(({ value }) => String(value));
		const doubles = operationInputs(properties).flatMap((one) =>
			twice(options(one).map(({ value }) => String(value))),
		);
		const lost = values.filter((value) => !shownFor.includes(value));
		const unknown = shownFor.filter((value) => !values.includes(value));
		return [...twice(values), ...twice(shownFor), ...lost, ...unknown, ...doubles];
	},

	'each operation says what it does, to people and to agents': (properties) =>
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

	'each placeholder of a path has a required input': (_, node) =>
		node.places().flatMap((place) =>
			placeholders(place.url)
				.filter((name) => name !== 'client_id' && !node.pathInput(place, name)?.required)
				.map((name) => `${place.method} ${place.url}: ${name}`),
		),

	'only the Resource input switches paging on, and nothing gets around it': (properties) => {
		const sends = everything(properties).filter(
			({ property }) => property.routing?.send?.paginate !== undefined,
		);
		const others = everything(properties).filter(
			({ property: { routing } }) => routing?.operations || routing?.output || routing?.request,
		);
		const inOptions = operationInputs(properties)
			.flatMap(options)
			.filter(({ routing }) => routing?.send || routing?.output || routing?.operations);
		const [first] = sends;
		const isRight = sends.length === 1 && first.at === 'resource' && !first.property.displayOptions;
		return [
			...(isRight && first.property.routing?.send?.paginate === true ? [] : ['paginate']),
			...others.map(({ at }) => at),
			...inOptions.map(({ name }) => name),
		];
	},

	'nothing is sent but what an input holds under its own name': (properties) =>
		everything(properties)
			.filter(({ property: { routing } }) => {
				const send = routing?.send;
				return send && (send.value !== undefined || send.preSend || send.propertyInDotNotation);
			})
			.map(({ at }) => at),

	'what is optional waits in a collection that starts empty': (properties) =>
		everything(properties)
			.filter(
				({ property: { type, default: initial } }) =>
					/^(collection|fixedCollection)$/.test(type) && JSON.stringify(initial) !== '{}',
			)
			.map(({ at }) => at),

	'lists of five and more are in order of their names': (properties) => {
		const lists = everything(properties).flatMap(({ property, at }) => {
			const members = (property.options ?? []) as Member[];
			// Days of the week and months have an order of their own.
			const isCounted = members.some((one) => 'value' in one && typeof one.value === 'number');
			if (isCounted) return [];
			const names = members.map((one) => ('displayName' in one ? one.displayName : one.name));
			const rows = members.flatMap((one) =>
				'values' in one ? [[at, one.values.map(({ displayName }) => displayName)] as const] : [],
			);
			return [...(property.type === 'fixedCollection' ? [] : [[at, names] as const]), ...rows];
		});
		return lists
			.filter(([, names]) => names.length >= 5 && !isSorted([...names]))
			.map(([at]) => at);
	},

	'no two inputs of an operation look the same': (_, node) =>
		node.places().flatMap((place) => {
			const labels = node.shown(place).map(({ displayName }) => displayName);
			return twice(labels).map((label) => `${place.resource}.${place.operation}: ${label}`);
		}),

	'every input of a request is explained, with a label in title case': (properties) =>
		everything(properties)
			.filter(
				({ property: { displayName, description, routing } }) =>
					!/^[A-Z]/.test(displayName) ||
					(routing?.send?.property && (description ?? '').length < 8) ||
					description === displayName,
			)
			.map(({ at }) => at),

	'whole numbers, passwords and files are asked for as such': (properties) =>
		everything(properties)
			.filter(({ property: { name, type, typeOptions } }) =>
				/password/i.test(name)
					? !typeOptions?.password
					: type === 'number' && name !== 'limit'
						? typeOptions?.numberPrecision !== 0
						: false,
			)
			.map(({ at }) => at),

	'every input is shown somewhere, and only where there is something': (properties) => {
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
				const known = resources.flatMap((one) => operations.get(one) ?? []);
				return (
					resources.length === 0 ||
					resources.some((one) => !operations.has(one)) ||
					shown.some((one) => !known.includes(one))
				);
			})
			.map(({ name }) => name);
	},

	// The engine evaluates what is stored under a name once for every input of that name.
	'a name is used by a handful of inputs at most': (properties) => {
		const names = properties.map(({ name }) => name).filter((name) => name !== 'operation');
		const often = [...new Set(names)].filter(
			(name) => names.filter((one) => one === name).length > 5,
		);
		return often;
	},
};
