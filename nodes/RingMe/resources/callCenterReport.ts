import { dateRange } from './common/dateRange';
import { emails, integers } from '../../shared/schema/field';
import { post, resource } from '../../shared/schema/operation';

export const callCenterReport = resource({
	label: 'Call Center Report',
	description: 'Reports on the calls of queues, sent by email',
	operations: {
		create: post(
			'/client/{client_id}/call_center/report/',
			'Create a queue report for a date range. The PBX sends it by email; it is not part of the output.',
			{
				required: [
					...dateRange,
					emails('emails', 'Emails', 'Email addresses to which the report is sent', {
						placeholder: 'name@email.com',
					}),
				],
				optional: [
					integers(
						'queue_id',
						'Queue IDs',
						'IDs of the queues to report on. Without it, the PBX decides.',
						{ narrows: true },
					),
				],
			},
		),
	},
});
