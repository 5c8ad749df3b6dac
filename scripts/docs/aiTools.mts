import type {
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeTypeDescription,
	NodeHelpers,
} from 'n8n-workflow';

/** The functions of n8n that decide what a model is shown. */
type Helpers = Pick<typeof NodeHelpers, 'displayParameter' | 'makeDescription'>;

const AS_TOOL = { '@tool': true };

/**
 * What a model is shown of every operation that can be a tool, in Markdown: n8n's own line about it, and the inputs
 * that the model can be asked for.
 *
 * @param description of the built node
 */
export function aiToolsList(description: INodeTypeDescription, helpers: Helpers): string {
	const [resources, ...lists] = description.properties.filter(({ name }) =>
		['resource', 'operation'].includes(name),
	);
	return (resources.options as INodePropertyOptions[])
		.flatMap(({ name, value: resource, description: purpose }) => {
			const list = lists.find(({ displayOptions }) =>
				displayOptions?.show?.resource?.includes(resource),
			);
			const tools = (list?.options as INodePropertyOptions[])
				.filter(({ displayOptions }) => !displayOptions?.hide?.['@tool'])
				.flatMap((operation) => toolOf(description, helpers, resource, operation));
			return [`## ${name}`, '', `${purpose?.replace(/\.$/, '')}.`, '', ...tools];
		})
		.join('\n');
}

function toolOf(
	description: INodeTypeDescription,
	{ displayParameter, makeDescription }: Helpers,
	resource: INodePropertyOptions['value'],
	operation: INodePropertyOptions,
): string[] {
	const values: INodeParameters = { ...AS_TOOL, resource, operation: operation.value };
	const node = { typeVersion: 1 };
	// Inputs that depend on another appear where that has its default.
	for (const { name, default: value } of description.properties) values[name] ??= value as string;
	const inputs = description.properties.filter(
		(property) =>
			!['resource', 'operation', 'authentication'].includes(property.name) &&
			!property.isNodeSetting &&
			property.type !== 'notice' &&
			displayParameter(values, property, node, description),
	);
	return [
		`### ${makeDescription({ resource, operation: operation.value }, description)}`,
		'',
		`${operation.description}`,
		'',
		...inputs.flatMap((input) => lineOf(input)),
		'',
	];
}

/** A line for an input, and one for each input in it. */
function lineOf(input: INodeProperties, indent = ''): string[] {
	const { displayName, required, description, hint, type, options = [] } = input;
	const about = [description, hint].filter(Boolean).join('. ');
	const first = `${indent}- **${displayName}**${required ? ' (required)' : ''}${about ? `: ${about}` : ''}`;
	if (type === 'options' || type === 'multiOptions') {
		const names = (options as INodePropertyOptions[]).map(({ name }) => name).join(', ');
		return [`${first}. One of: ${names}`];
	}
	const inner = (options as Array<INodeProperties | INodePropertyCollection>).flatMap((option) =>
		'values' in option ? option.values : (option as INodeProperties),
	);
	return [first, ...inner.flatMap((each) => lineOf(each, `${indent}  `))];
}
