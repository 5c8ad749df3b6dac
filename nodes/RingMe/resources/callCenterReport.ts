import { dateTime, integers, text } from '../../shared/schema/field';
import { post, resource } from '../../shared/schema/operation';

export const callCenterReport = resource({
	label: 'Call Center Report',
	description: 'Reports on the work of queues, sent by email',
	operations: {
		create: post(
			'/client/{client_id}/call_center/report/',
			'Have the PBX email a report on its queues for a period; the report itself is not returned',
			{
				required: [
					dateTime('start_datetime', 'Start', 'Beginning of the period'),
					dateTime('end_datetime', 'End', 'End of the period'),
					text('emails', 'Emails', 'Where the report is sent', {
						placeholder: 'name@email.com',
					}),
				],
				optional: [
					integers(
						'queue_id',
						'Queue IDs',
						'IDs of the queue extensions to report on. Empty: the PBX decides.',
					),
				],
			},
		),
	},
});
