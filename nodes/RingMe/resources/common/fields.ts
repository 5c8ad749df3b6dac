import { choice, text } from '../../../shared/schema/field';

/** Fields that several resources have in common. */

export const comment = text('comment', 'Comment', 'A note for people');

export const extraParams = text(
	'extra_params',
	'Extra Parameters',
	'Free text kept with the record, for your own systems',
);

export const timezone = text(
	'timezone',
	'Time Zone',
	'Name of a time zone, as in the tz database',
	{
		placeholder: 'e.g. Europe/Moscow',
	},
);

/** Where the PBX reports to. */
export const reportUrl = text(
	'url',
	'URL',
	'Web address that the PBX calls; it must be reachable from the internet',
	{ placeholder: 'e.g. https://example.com/hook' },
);

export const httpMethod = (key: string, label: string, description: string) =>
	choice(key, label, description, [
		{ value: 'GET', label: 'GET', description: 'Details stand in the query' },
		{ value: 'POST', label: 'POST', description: 'Details stand in the body, as a form' },
	]);

export const reportMethod = httpMethod('method', 'HTTP Method', 'How the PBX calls the URL');
