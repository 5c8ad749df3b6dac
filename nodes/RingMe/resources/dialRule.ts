import { locator, rows, text } from '../../shared/schema/field';
import { dialRuleLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	text('name', 'Name', 'Name of the list', { placeholder: 'e.g. National numbers' }),
	rows(
		'dial_rules',
		'Rules',
		'How dialed numbers are rewritten. In an update they replace all rules of the list.',
		'Rule',
		[
			text('match_exp', 'Match', 'Regular expression for the dialed number', {
				placeholder: 'e.g. ^8(\\d{10})$',
				required: true,
			}),
			text('repl_exp', 'Replace With', 'What is dialed instead', {
				placeholder: 'e.g. 7\\1',
				required: true,
				allowEmpty: true,
			}),
			text('comment', 'Comment', 'What the rule is for'),
		],
	),
];

const collectionPath = '/client/{client_id}/dial_rule/';
const itemPath = '/client/{client_id}/dial_rule/{dial_rules_id}';

export const dialRule = resource({
	label: 'Dial Rule',
	noun: 'dial rule list',
	description: 'Lists of rules that rewrite dialed numbers',
	path: [locator('dial_rules_id', dialRuleLocator)],
	operations: {
		create: post(collectionPath, 'Add a list of dial rules', { required: fields }),
		delete: remove(itemPath, 'Remove a list of dial rules for good, with all its rules'),
		get: get(itemPath, 'Retrieve one list of dial rules by its ID'),
		getMany: list(collectionPath, 'Retrieve many lists of dial rules, with their rules'),
		update: put(itemPath, 'Rename a list of dial rules or replace its rules', { optional: fields }),
	},
});
