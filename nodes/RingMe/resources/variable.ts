import { rows, text } from '../../shared/schema/field';
import { isRecord } from '../../shared/transport/records';
import { list, post, resource } from '../../shared/schema/operation';

/** The API does not document the list: an object without `variables` is one record. */
const variablesOf = (body: unknown) => {
	const variables = isRecord(body) ? (body.variables ?? body) : body;
	if (Array.isArray(variables) && variables.every(isRecord)) return variables;
	return isRecord(body) ? [body] : undefined;
};

export const variable = resource({
	label: 'Variable',
	description: 'Named values of the whole PBX, for voice menus',
	operations: {
		getMany: list('/client/{client_id}/variables/', 'Retrieve many variables or one by its name', {
			parse: variablesOf,
			optional: [text('variable', 'Name', 'Only the variable with this name')],
		}),
		set: post('/client/{client_id}/variables/', 'Add variables or change their values', {
			action: 'Set variables of PBX',
			parse: variablesOf,
			required: [
				rows(
					'variables',
					'Variables',
					'Variables that are added or get another value; the others stay as they are',
					'Variable',
					[
						text('var', 'Name', 'Name of the variable', {
							placeholder: 'e.g. greeting',
							required: true,
						}),
						text('value', 'Value', 'Its new value; may be empty', { allowEmpty: true }),
					],
					{ readOnly: ['id'] },
				),
			],
		}),
	},
});
