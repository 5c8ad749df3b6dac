// Fields that several resources have in common.

import { choice, country, text } from '../../../shared/schema/field';

export const comment = text('comment', 'Comment', 'Note for the people who manage the PBX', {
	clearable: true,
});

export const extraParams = text(
	'extra_params',
	'Extra Parameters',
	'Free text stored with the record, for your own systems',
	{ clearable: true },
);

export const timezone = text('timezone', 'Time Zone', 'IANA name of the time zone', {
	placeholder: 'e.g. Europe/Moscow',
});

/** How the numbers of an operation are read. */
export const countryOfNumbers = country(
	'country_of_numbers',
	'Country of Numbers',
	'Country whose national numbers get + and the country code',
	{ placeholder: 'e.g. GB' },
);

/** URL that the PBX calls for an event. */
export const webhookUrl = text(
	'url',
	'Webhook URL',
	'URL that the PBX calls for each event. It must be reachable from the internet.',
	{ placeholder: 'e.g. https://example.com/hook' },
);

export const httpMethod = (key: string, label: string, description: string) =>
	choice(key, label, description, [
		{ value: 'GET', label: 'GET', description: 'Data is sent as query parameters' },
		{ value: 'POST', label: 'POST', description: 'Data is sent as a form in the body' },
	]);

export const webhookMethod = httpMethod(
	'method',
	'HTTP Method',
	'HTTP method with which the PBX calls the webhook',
);
