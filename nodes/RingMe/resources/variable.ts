import { rows, text } from '../../shared/schema/field';
import { isRecord } from '../../shared/transport/records';
import { list, post, resource } from '../../shared/schema/operation';

/** The API does not document the response. An object without `variables` is one record. */
const variablesOf = (body: unknown) => {
	const variables = isRecord(body) ? (body.variables ?? body) : body;
	if (Array.isArray(variables) && variables.every(isRecord)) return variables;
	return isRecord(body) ? [body] : undefined;
};

const path = '/client/{client_id}/variables/';

export const variable = resource({
	label: 'Variable',
	description: 'Global variables of the PBX, for use in IVRs',
	operations: {
		getMany: list(path, 'Retrieve a list of variables, or one variable by its name', {
			parse: variablesOf,
			optional: [text('variable', 'Name', 'Return only the variable with this name')],
		}),
		set: post(path, 'Create variables or update their values', {
			action: 'Set variables',
			parse: variablesOf,
			required: [
				rows(
					'variables',
					'Variables',
					'Variables to create or update. Other variables are not changed.',
					'Variable',
					[
						text('var', 'Name', 'Name of the variable', {
							placeholder: 'e.g. greeting',
							required: true,
						}),
						text('value', 'Value', 'Value of the variable. It can be empty.', {
							allowEmpty: true,
							keepsBlanks: true,
						}),
					],
					{ readOnly: ['id'] },
				),
			],
		}),
	},
});
