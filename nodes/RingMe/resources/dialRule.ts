import { pick, rows, text } from './fields';
import { dialRuleLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

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
				needed: true,
			}),
			text('repl_exp', 'Replace With', 'What is dialed instead', {
				placeholder: 'e.g. 7\\1',
				needed: true,
				blank: true,
			}),
			text('comment', 'Comment', 'What the rule is for'),
		],
	),
];

const all = '/client/{client_id}/dial_rule/';
const one = '/client/{client_id}/dial_rule/{dial_rules_id}';

export const dialRule = resource({
	label: 'Dial Rule',
	noun: 'dial rule list',
	about: 'Lists of rules that rewrite dialed numbers',
	path: [pick('dial_rules_id', dialRuleLocator)],
	rows: {
		create: post(all, 'Add a list of dial rules', { required: fields }),
		delete: remove(one, 'Remove a list of dial rules for good, with all its rules'),
		get: get(one, 'Retrieve one list of dial rules by its ID'),
		getMany: list(all, 'Retrieve many lists of dial rules, with their rules'),
		update: put(one, 'Rename a list of dial rules or replace its rules', { optional: fields }),
	},
});
