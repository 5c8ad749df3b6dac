import { rows, text } from './fields';
import { list, post, resource } from './rows';

export const variable = resource({
	label: 'Variable',
	about: 'Named values of the whole PBX, for voice menus',
	rows: {
		getMany: list('/client/{client_id}/variables/', 'Retrieve many variables or one by its name', {
			root: 'variables',
			open: true,
			optional: [text('variable', 'Name', 'Only the variable with this name')],
		}),
		set: post('/client/{client_id}/variables/', 'Add variables or change their values', {
			action: 'Set variables of PBX',
			result: 'done',
			root: 'variables',
			required: [
				rows(
					'variables',
					'Variables',
					'Variables that are added or get another value; the others stay as they are',
					'Variable',
					[
						text('var', 'Name', 'Name of the variable', {
							placeholder: 'e.g. greeting',
							needed: true,
						}),
						text('value', 'Value', 'Its new value; may be empty', { blank: true }),
					],
					{ readOnly: ['id'] },
				),
			],
		}),
	},
});
