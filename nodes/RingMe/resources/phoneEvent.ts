import { reportMethod } from './common/fields';
import { choice, locator, text } from '../../shared/schema/field';
import { phoneEventLocator, phoneEvents } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	choice('event_type', 'Event', 'What the PBX tells of', phoneEvents, { default: 'dial-in' }),
	reportMethod,
	text(
		'url',
		'URL',
		'Web address that the PBX calls at each such event, of all phones of the PBX',
		{
			placeholder: 'e.g. https://example.com/ringme',
		},
	),
];

export const phoneEvent = resource({
	label: 'Phone Event',
	description:
		'Web addresses that the PBX calls when a phone rings, a call ends and so on. The RingMe Trigger sets up its own.',
	path: [locator('id', phoneEventLocator)],
	operations: {
		create: post(
			'/client/{client_id}/phone_events/',
			'Have the PBX call a URL at each event of one type. It needs the type, the HTTP method and the URL.',
			{ required: fields },
		),
		delete: remove(
			'/client/{client_id}/phone_event/{id}',
			'Remove one phone event, so that its URL is no longer called',
		),
		deleteAll: remove(
			'/client/{client_id}/phone_events/',
			"Remove every program's phone events, not only yours: CRM integrations and RingMe Triggers of this PBX no longer hear of calls",
			{ action: 'Delete all phone events' },
		),
		get: get('/client/{client_id}/phone_event/{id}', 'Retrieve one phone event by its ID'),
		getMany: list(
			'/client/{client_id}/phone_events/',
			'Retrieve many phone events, of all programs that use this PBX',
		),
		update: put(
			'/client/{client_id}/phone_event/{id}',
			'Change the type, URL or HTTP method of a phone event; what you do not add stays as it is',
			{ optional: fields },
		),
	},
});
