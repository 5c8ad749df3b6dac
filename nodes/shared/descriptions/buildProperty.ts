import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyMode,
	NodePropertyTypes,
} from 'n8n-workflow';

import {
	JSON_ENTRY,
	camelCase,
	ROWS,
	searchMethodName,
	type Choice,
	type Field,
} from '../schema/field';

const options = (choices: Choice[] = []) =>
	choices.map(({ value, label, description }) => ({
		name: label,
		value,
		...(description && { description }),
	}));

type Control = Pick<INodeProperties, 'type' | 'default'> & Partial<INodeProperties>;

/** The type of the parameter for a kind of field, its default and its settings. */
function control(field: Field): Control {
	const ofType = (type: NodePropertyTypes, fallback: INodeProperties['default'] = '') => ({
		type,
		default: field.default ?? fallback,
	});
	switch (field.kind) {
		case 'text':
		case 'email':
		case 'emails':
		case 'phoneNumber':
		case 'country':
			return ofType('string');
		case 'audio':
			return {
				...ofType('string', 'data'),
				hint: 'The name of the input field containing the file',
			};
		case 'longText':
			return { ...ofType('string'), typeOptions: { rows: 3 } };
		case 'secret':
			return { ...ofType('string'), typeOptions: { password: true } };
		case 'integer':
			return {
				...ofType('number', field.min ?? 0),
				typeOptions: {
					numberPrecision: 0,
					...(field.min !== undefined && { minValue: field.min }),
					...(field.max !== undefined && { maxValue: field.max }),
				},
			};
		case 'boolean':
			return ofType('boolean', false);
		case 'choice':
			return { ...ofType('options'), options: options(field.choices) };
		case 'choices':
			return { type: 'multiOptions', default: [], options: options(field.choices) };
		case 'timeOfDay':
			return { ...ofType('string'), placeholder: 'e.g. 09:00' };
		case 'dateTime':
		case 'localDateTime':
			return ofType('dateTime');
		case 'date':
			return { ...ofType('dateTime'), typeOptions: { dateOnly: true } };
		case 'strings':
		case 'phoneNumbers':
		case 'integers':
			return {
				// Strings for integers too, because n8n's lint accepts no list as the default of a number.
				type: 'string',
				default: [],
				typeOptions: {
					multipleValues: true,
					multipleValueButtonText: field.kind === 'phoneNumbers' ? 'Add Number' : 'Add Value',
				},
			};
		case 'locator':
			return locatorControl(field);
		case 'rows':
			return rowsControl(field.rowLabel ?? 'Row', variantsOf(field), listDescription(field));
		case 'keyValues':
			return rowsControl(
				'Value',
				[collectionEntry(ROWS, 'Value', KEY_VALUE)],
				'JSON object with names and values',
			);
		case 'json':
			return ofType('json');
		case 'group':
			return {
				type: 'collection',
				placeholder: 'Add Field',
				default: {},
				options: collectionOptions(field.columns ?? []),
			};
	}
}

/** A resource locator, or a text parameter for the ID where the PBX cannot list the records. */
function locatorControl({ locator: target }: Field): Control {
	const placeholder = `e.g. ${target?.example}`;
	if (!target?.list) return { type: 'string', default: '', placeholder };
	const typeOptions = { searchListMethod: searchMethodName(target.list), searchable: true };
	return {
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			mode('From List', 'list', 'list', { typeOptions }),
			mode(BY_PROPERTY[target.list.id ?? 'id'] ?? 'By ID', 'id', 'string', { placeholder }),
		],
	};
}

/** Names of the mode for a value that is entered, where that is not an ID. */
const BY_PROPERTY: Record<string, string> = { name: 'By Number', filename: 'By File Name' };

const mode = (
	displayName: string,
	name: string,
	type: INodePropertyMode['type'],
	more: Partial<INodePropertyMode>,
): INodePropertyMode => ({ displayName, name, type, ...more });

const KEY_VALUE: INodeProperties[] = [
	{ displayName: 'Name', name: 'name', type: 'string', default: '' },
	{ displayName: 'Value', name: 'value', type: 'string', default: '' },
];

/** The kinds of rows that the Add button of the editor offers. */
function variantsOf({
	variants,
	rowLabel = 'Row',
	columns = [],
}: Field): INodePropertyCollection[] {
	const all = variants ?? [{ key: ROWS, label: rowLabel, columns: columns.map(({ key }) => key) }];
	return all.map(({ key, label, columns: keys, required = [] }) =>
		collectionEntry(
			key,
			label,
			columns
				.filter((column) => keys.includes(column.key))
				.map((column) => buildProperty({ required: required.includes(column.key), ...column })),
		),
	);
}

const collectionEntry = (
	name: string,
	displayName: string,
	values: INodeProperties[],
): INodePropertyCollection => ({
	displayName,
	name,
	values: values.length < 5 ? values : alphabetical(values),
});

const listDescription = ({ columns = [] }: Field) =>
	`JSON array of objects with the ${columns.length === 1 ? 'key' : 'keys'} ${columns.map(({ key }) => key).join(', ')}`;

/**
 * A collection of rows, with JSON as one more entry of the Add button, because n8n accepts no
 * expression for a fixed collection as a whole.
 */
function rowsControl(
	label: string,
	variants: INodePropertyCollection[],
	jsonDescription: string,
): Control {
	const asJson = {
		displayName: 'JSON',
		name: 'value',
		type: 'json' as const,
		default: '',
		description: jsonDescription,
	};
	return {
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: `Add ${label}`,
		default: {},
		options: [...variants, collectionEntry(JSON_ENTRY, 'JSON', [asJson])],
	};
}

/**
 * Sorts by name, which n8n requires for lists of five or more. Does not use `localeCompare`, because
 * loading its rules takes longer than building the whole description.
 */
export const alphabetical = <T extends { displayName?: string; name?: string }>(list: T[]): T[] => {
	const name = (each: T) => (each.displayName ?? each.name ?? '').toLowerCase();
	return [...list].sort((a, b) => (name(a) < name(b) ? -1 : Number(name(a) > name(b))));
};

/**
 * Builds the n8n parameter of a field.
 *
 * @param name name of the parameter, default: the key of the field in camel case
 * @param send where n8n puts the value in the request; omitted for a parameter that code reads
 */
export function buildProperty(
	field: Field,
	name = camelCase(field.key),
	send?: 'body' | 'query',
): INodeProperties {
	const { type, default: defaultValue, ...more } = control(field);
	return {
		displayName: field.label,
		name,
		type,
		default: defaultValue,
		...more,
		...(field.required && !field.allowEmpty && { required: true }),
		...(field.placeholder && { placeholder: field.placeholder }),
		...(field.description && { description: field.description }),
		...(field.builderHint && { builderHint: { propertyHint: field.builderHint } }),
		...(field.showWhen && { displayOptions: { show: conditions(field.showWhen) } }),
		...(send &&
			field.kind !== 'country' && { routing: { send: { type: send, property: field.key } } }),
	};
}

const conditions = (showWhen: NonNullable<Field['showWhen']>) =>
	Object.fromEntries(
		Object.entries(showWhen).map(([key, values]) => [`/${camelCase(key)}`, values]),
	);

/** The parameters of a collection, in alphabetical order. */
export const collectionOptions = (fields: Field[], send?: 'body' | 'query') =>
	alphabetical(fields.map((each) => buildProperty(each, undefined, send)));
