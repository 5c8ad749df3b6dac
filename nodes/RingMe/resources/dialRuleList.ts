import { locator, rows, text } from '../../shared/schema/field';
import { dialRuleListLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	text('name', 'Name', 'Name of the dial rule list', { placeholder: 'e.g. National numbers' }),
	rows(
		'dial_rules',
		'Rules',
		'Rules that rewrite dialed numbers. An update replaces all rules of the list.',
		'Rule',
		[
			text('match_exp', 'Match', 'Regular expression to match the dialed number', {
				placeholder: 'e.g. ^8(\\d{10})$',
				required: true,
				keepsBlanks: true,
			}),
			text('repl_exp', 'Replace With', 'Number to dial instead, with references such as \\1', {
				placeholder: 'e.g. 7\\1',
				required: true,
				allowEmpty: true,
				keepsBlanks: true,
			}),
			text('comment', 'Comment', 'Purpose of the rule'),
		],
	),
];

const collectionPath = '/client/{client_id}/dial_rule/';
const itemPath = '/client/{client_id}/dial_rule/{dial_rules_id}';

export const dialRuleList = resource({
	label: 'Dial Rule List',
	description: 'Lists of rules that rewrite dialed numbers before the call',
	path: [locator('dial_rules_id', dialRuleListLocator)],
	operations: {
		create: post(collectionPath, 'Create a dial rule list', { required: fields }),
		delete: remove(itemPath, 'Delete a dial rule list with its rules permanently'),
		get: get(itemPath, 'Retrieve a dial rule list with its rules'),
		getMany: list(collectionPath, 'Retrieve a list of dial rule lists with their rules'),
		update: put(
			itemPath,
			"Update a dial rule list. Only the fields you add are changed; 'Rules' replaces all rules.",
			{ optional: fields },
		),
	},
});
