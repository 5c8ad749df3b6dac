import { ValidationError } from '../../shared/errors/validationError';
import { addReport, parseTriggerUrl } from '../../shared/taskReports/reportUrl';
import {
	ReportSigner,
	reportSecretOf,
	URL_FIELDS,
	type TaskEvent,
} from '../../shared/taskReports/taskReport';
import { PbxClient } from '../../shared/transport/client';
import { reachabilityProblem } from '../../shared/webhook/reachability';
import { resultKey as resultKeyField } from '../resources/common/task';
import { checkTrigger } from './checkTrigger';
import type { PendingTask } from '../run/writeMemory';
import type { ParameterReader } from './parameterReader';
import type { RunOptions } from './readTasks';
import { isOpen } from './screening';

const LABEL = 'Report Results To';

/** What signing the URLs of tasks needs. */
export interface ReportInput {
	context: Parameters<typeof PbxClient.create>[0];
	parameters: ParameterReader;
	/** Part of the references of tasks: the same in all tries of the node run. */
	runReference: string;
	/** Shows a hint beside the output. */
	addHint(message: string): void;
}

/**
 * Gives the tasks that will be sent the signed webhook URLs of 'Report Results To', where they have none
 * of their own. A task whose URL would be too long gets an error.
 *
 * @throws ValidationError if no report could arrive: another URL than that of a RingMe Trigger, a
 * trigger that is not published, another credential
 */
export async function reportResults(
	tasks: PendingTask[],
	{ reportResultsTo, reportConnectedCalls }: RunOptions,
	{ context, parameters, runReference, addHint }: ReportInput,
) {
	if (reportResultsTo === undefined) return;
	const events: TaskEvent[] = ['task-finished'];
	if (reportConnectedCalls) events.push('task-connected');
	const reported = tasks.filter(isOpen);
	if (reported.length === 0) return;

	if (!reported.some(({ resultKey }) => resultKey !== null && resultKey !== undefined)) {
		addHint(
			`Without '${resultKeyField.label}', no result says whose it is. Set it to something that identifies the item, such as its row number.`,
		);
	}
	const url = parseTriggerUrl(LABEL, reportResultsTo);
	const { credentials } = await PbxClient.create(context, parameters.getOfRun('authentication'));
	const secret = reportSecretOf(credentials);
	if (!secret) {
		throw new ValidationError(
			`'${LABEL}' needs an OAuth2 credential`,
			"The URL of each task is signed with a secret that comes from the client secret of the credential, and an access token has none. Choose 'OAuth2' as 'Authentication', here and in the RingMe Trigger.",
		);
	}
	const signer = new ReportSigner(secret, url.address);
	const problems = [
		reachabilityProblem(url.href),
		await checkTrigger(context, LABEL, url, signer, events),
	];
	for (const problem of problems) if (problem) addHint(problem);
	for (const pending of reported) {
		const { itemIndex, position, task, schedulerId, resultKey: key = null } = pending;
		const client = pending.client || String(credentials.client || '@me');
		try {
			for (const event of events) {
				task[URL_FIELDS[event]] ??= addReport(
					url,
					signer.sign({
						event,
						client,
						schedulerId: decodeURIComponent(schedulerId),
						key,
						reference: `${runReference}-${itemIndex}-${position}`,
					}),
				);
			}
		} catch (error) {
			pending.error = error;
		}
	}
}
