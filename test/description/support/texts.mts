// Rules for the texts that users and AI models read, by n8n's UX guidelines. A rule returns the texts
// that break it.

import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { flatten } from './rules.mts';

export interface Text {
	/** Path of the parameter, and of the option inside it. */
	at: string;
	kind: 'label' | 'description' | 'action' | 'placeholder' | 'hint';
	text: string;
}

type TextRule = (properties: INodeProperties[]) => string[];

/** Every text of the parameters and of their options. */
export function textsOf(properties: INodeProperties[]): Text[] {
	return properties.flatMap(flattenOne).flatMap(({ property, at }) => {
		const { displayName, description, placeholder, hint } = property;
		const options = /^(options|multiOptions)$/.test(property.type)
			? (property.options as INodePropertyOptions[] | undefined)
			: [];
		return [
			...texts(at, { label: displayName, description, placeholder, hint }),
			...(property.modes ?? []).flatMap((mode) =>
				texts(`${at}.${mode.name}`, { label: mode.displayName, placeholder: mode.placeholder }),
			),
			...(options ?? []).flatMap(({ name, value, description: text, action }) =>
				texts(`${at}=${String(value)}`, { label: name, description: text, action }),
			),
		];
	});
}

const flattenOne = (property: INodeProperties) => flatten(property);

const texts = (at: string, byKind: Partial<Record<Text['kind'], string>>): Text[] =>
	Object.entries(byKind)
		.filter(([, text]) => text)
		.map(([kind, text]) => ({ at, kind: kind as Text['kind'], text }));

/** Words with a plainer or more usual term. See the glossary in CONTRIBUTING.md. */
const AVOIDED: Array<[word: RegExp, instead: string]> = [
	[/\bfor good\b/i, 'permanently'],
	[/\bleads?\b/i, 'route'],
	[/\bweb address(es)?\b/i, 'URL or webhook'],
	[/\b(answers? with|tells? (of|about)|told)\b/i, 'return, send, report'],
	[/\bby whomever\b/i, 'including those of other applications'],
	[/\b(outside|remote) numbers?\b/i, 'external number'],
	[/\b(incoming|outgoing)\b/i, 'inbound, outbound'],
	[/\be-mail\b/i, 'email'],
	[/\bprograms?\b/i, 'application'],
	[/\b(tries|try count)\b/i, 'attempts'],
	[/\bexpense\b/i, 'billed to'],
	[/\brhythm\b/i, 'rotation'],
	[/\bvoice menus\b/i, 'IVRs'],
	[/\bmusic on hold\b/i, 'hold music'],
	[/\b(stays? as it is|what you do not add)\b/i, 'Only the fields you add are changed'],
	[/\blists? of dial rules\b/i, 'dial rule list'],
	[/\bvoice(mail)? messages?\b/i, 'voicemail'],
	[/\b(activate|deactivate)d?\b/i, 'publish, unpublish'],
	// n8n's guidelines: https://docs.n8n.io/integrations/creating-nodes/plan/node-ui-design/
	[/\b(errors?|problems?|failures?|mistakes?)\b/i, 'what happened'],
];

/** The words in a text that have a better term, each with that term. */
export const avoidedWords = (text: string) =>
	AVOIDED.flatMap(([word, instead]) => {
		const found = word.exec(text);
		return found ? [`"${found[0]}" in "${text}": better ${instead}`] : [];
	});

/** How the description of a standard operation begins, and a word that it contains. */
const STANDARD_OPERATIONS: Record<string, RegExp> = {
	create: /^Create an? /,
	delete: /^Delete an? .*\bpermanently\b/,
	deleteMany: /^Delete the .*\bpermanently\b/,
	deleteAll: /^Delete all .*\bpermanently\b/,
	download: /^Download an? /,
	get: /^Retrieve (an?|the) /,
	getMany: /^Retrieve a list of /,
	update: /^(Update|Route the|Route an) /,
};

export const textRules: Record<string, TextRule> = {
	'texts use the standard terms of telephony and n8n': (properties) =>
		textsOf(properties).flatMap(({ at, text }) =>
			avoidedWords(text).map((found) => `${at}: ${found}`),
		),

	'a text that mentions another parameter puts its label in single quotes': (properties) => {
		const all = textsOf(properties);
		// Labels of one word cannot be told from ordinary words.
		const labels = all
			.filter(({ kind, at, text }) => kind === 'label' && !at.includes('=') && / [A-Z]/.test(text))
			.map(({ text }) => text);
		return all
			.filter(({ kind }) => kind === 'description' || kind === 'hint')
			.flatMap(({ at, text }) => {
				const unquoted = text.replace(/'[^']+'/g, '');
				return [...new Set(labels)]
					.filter((label) => new RegExp(`\\b${label.replace(/[^\w ]/g, '\\$&')}\\b`).test(unquoted))
					.map((label) => `${at}: ${label}`);
			});
	},

	'a label in single quotes exists': (properties) => {
		const labels = new Set(
			textsOf(properties)
				.filter(({ kind }) => kind === 'label')
				.map(({ text }) => text),
		);
		return textsOf(properties).flatMap(({ at, text }) =>
			[...text.matchAll(/(?<!\w)'([^']+)'(?!\w)/g)]
				.map(([, label]) => label)
				.filter((label) => !labels.has(label) && !OTHER_LABELS.has(label))
				.map((label) => `${at}: ${label}`),
		);
	},

	'placeholders are examples, or name what a button adds': (properties) =>
		textsOf(properties)
			// n8n's lint demands `name@email.com` for email addresses.
			.filter(({ kind, text }) => kind === 'placeholder' && text !== 'name@email.com')
			.filter(({ text }) => !/^(e\.g\. \S|Add [A-Z])/.test(text))
			.map(({ at, text }) => `${at}: ${text}`),

	'descriptions of booleans begin with "Whether"': (properties) =>
		properties
			.flatMap(flattenOne)
			.filter(
				({ property: { type, description } }) =>
					type === 'boolean' && !description?.startsWith('Whether '),
			)
			.map(({ at }) => at),

	'descriptions are plain text': (properties) =>
		textsOf(properties)
			// n8n's lint demands a link in the description of a list that is loaded.
			.filter(({ text }) => /<\w|&\w+;/.test(text) && !text.startsWith('Choose from the list, or '))
			.map(({ at }) => at),

	'several sentences end with a period, and a single one does not': (properties) =>
		textsOf(properties)
			.filter(({ kind }) => kind === 'description' || kind === 'hint')
			.filter(({ text }) => /[^.]\. [A-Z'@]/.test(text) !== text.endsWith('.'))
			.map(({ at, text }) => `${at}: ${text}`),

	'standard operations are described in the words of n8n': (properties) =>
		properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ displayOptions, options }) =>
				(options as INodePropertyOptions[])
					.filter(({ value, description = '' }) => {
						const wording = STANDARD_OPERATIONS[String(value)];
						return wording && !wording.test(description);
					})
					.map(({ name }) => `${String(displayOptions?.show?.resource)}: ${name}`),
			),
};

/** Labels of the credentials and of the other node that texts of a node mention, and the other way round. */
const OTHER_LABELS = new Set([
	'Trigger On',
	'Task Connected',
	'Task Finished',
	'Report Results To',
	'Add Tasks',
	'PBX Login',
	'PBX Password',
	'Client ID',
	'Client Secret',
	'Download with Basic Auth',
]);
