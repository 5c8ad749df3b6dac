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

/** The control a kind of field gets in the editor, and the value it starts from. */
function control(field: Field): Control {
	const plain = (type: NodePropertyTypes, initial: INodeProperties['default'] = '') => ({
		type,
		default: field.default ?? initial,
	});
	switch (field.kind) {
		case 'text':
			return plain('string');
		case 'audio':
			return {
				...plain('string', 'data'),
				hint: 'The name of the input field containing the file',
			};
		case 'longText':
			return { ...plain('string'), typeOptions: { rows: 3 } };
		case 'secret':
			return { ...plain('string'), typeOptions: { password: true } };
		case 'integer':
			return {
				...plain('number', field.min ?? 0),
				typeOptions: {
					numberPrecision: 0,
					...(field.min !== undefined && { minValue: field.min }),
					...(field.max !== undefined && { maxValue: field.max }),
				},
			};
		case 'boolean':
			return plain('boolean', false);
		case 'choice':
			return { ...plain('options'), options: options(field.choices) };
		case 'choices':
			return { type: 'multiOptions', default: [], options: options(field.choices) };
		case 'timeOfDay':
			return { ...plain('string'), placeholder: 'e.g. 09:00' };
		case 'dateTime':
		case 'localDateTime':
			return plain('dateTime');
		case 'date':
			return { ...plain('dateTime'), typeOptions: { dateOnly: true } };
		case 'strings':
		case 'integers':
			return {
				// Whole numbers too: n8n's lint knows no list of numbers to start from.
				type: 'string',
				default: [],
				typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Value' },
			};
		case 'locator':
			return locator(field);
		case 'rows':
			return rowsControl(field.rowLabel ?? 'Row', variantsOf(field), listDescription(field));
		case 'keyValues':
			return rowsControl(
				'Value',
				[collectionEntry(ROWS, 'Value', KEY_VALUE)],
				'An object of names and values',
			);
		case 'json':
			return plain('json');
		case 'group':
			return {
				type: 'collection',
				placeholder: 'Add Field',
				default: {},
				options: collectionOptions(field.columns ?? []),
			};
	}
}

/** A list to pick from, or the id itself; only the id where the PBX cannot list these records. */
function locator({ locator: target }: Field): Control {
	const placeholder = `e.g. ${target?.example}`;
	if (!target?.list) return { type: 'string', default: '', placeholder };
	const typeOptions = { searchListMethod: searchMethodName(target.list), searchable: true };
	return {
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			mode('From List', 'list', 'list', { typeOptions }),
			mode('By ID', 'id', 'string', { placeholder }),
		],
	};
}

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

/** The kinds of rows that the Add button offers. */
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
	`A list of objects with ${columns.map(({ key }) => `<code>${key}</code>`).join(', ')}`;

/**
 * Rows to add one by one, and beside them the same as JSON. JSON is one more thing the Add button
 * offers, because n8n lets no expression into a fixed collection as a whole.
 */
function rowsControl(label: string, forms: INodePropertyCollection[], jsonAbout: string): Control {
	const asJson = {
		displayName: 'JSON',
		name: 'value',
		type: 'json' as const,
		default: '',
		description: jsonAbout,
	};
	return {
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: `Add ${label}`,
		default: {},
		options: [...forms, collectionEntry(JSON_ENTRY, 'JSON', [asJson])],
	};
}

/**
 * n8n's rule for every list of five or more: by name. Names are plain English, so they are compared as
 * they are; loading the rules of a locale takes longer than all of the description.
 */
export const alphabetical = <T extends { displayName?: string; name?: string }>(list: T[]): T[] => {
	const name = (each: T) => (each.displayName ?? each.name ?? '').toLowerCase();
	return [...list].sort((a, b) => (name(a) < name(b) ? -1 : Number(name(a) > name(b))));
};

/**
 * One input in the editor.
 *
 * @param send where the value goes in the request; nothing for an input that is read by code
 */
export function buildProperty(
	field: Field,
	name = camelCase(field.key),
	send?: 'body' | 'query',
): INodeProperties {
	const { type, default: initial, ...more } = control(field);
	return {
		displayName: field.label,
		name,
		type,
		default: initial,
		...more,
		...(field.required && !field.allowEmpty && { required: true }),
		...(field.placeholder && { placeholder: field.placeholder }),
		...(field.description && { description: field.description }),
		...(field.showWhen && { displayOptions: { show: conditions(field.showWhen) } }),
		...(send && { routing: { send: { type: send, property: field.key } } }),
	};
}

const conditions = (when: Record<string, string[]>) =>
	Object.fromEntries(Object.entries(when).map(([key, values]) => [`/${camelCase(key)}`, values]));

/** The inputs of a collection, in n8n's order. */
export const collectionOptions = (fields: Field[], send?: 'body' | 'query') =>
	alphabetical(fields.map((each) => buildProperty(each, undefined, send)));
