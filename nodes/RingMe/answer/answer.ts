import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { describeIgnoredSteps, readSteps, toXml, type StepInput } from '../../shared/answer/steps';
import { toNodeError } from '../../shared/errors/toNodeError';
import { toErrorItem } from '../output/outputItems';
import { findWaitingCall } from './waitingCall';

/**
 * Answers the call that started the workflow: responds to the request of the PBX at once, so nodes
 * after it do not keep the caller waiting. A call gets one answer, that of the first item.
 *
 * @returns one item that shows what was sent
 * @throws NodeOperationError for steps that cannot work, or if no call waits; with Continue On Fail it
 * is the output
 */
export async function answerCall(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	try {
		return [[await sendAnswer(this)]];
	} catch (thrown) {
		const error = toNodeError(thrown, { node: this.getNode(), itemIndex: 0 });
		if (this.continueOnFail()) return [[toErrorItem(error, 0)]];
		throw error;
	}
}

/** @throws ValidationError */
async function sendAnswer(context: IExecuteFunctions): Promise<INodeExecutionData> {
	const { step = [] } = context.getNodeParameter('answerSteps', 0, {}) as { step?: StepInput[] };
	const steps = readSteps(step);
	const call = findWaitingCall(context);
	const xml = toXml(steps);
	call.markAnswered();
	await context.sendResponse({
		body: xml,
		headers: { 'content-type': 'text/xml; charset=utf-8' },
		statusCode: 200,
	});
	const itemCount = context.getInputData().length;
	const hints = [
		describeIgnoredSteps(steps),
		itemCount > 1
			? `A call gets one answer, so only the first of ${itemCount} items was used.`
			: undefined,
		call.isInTime
			? undefined
			: "The answer came after the time in 'Answer Within' of the trigger, so the caller has got what 'If the Workflow Does Not Answer' says.",
	];
	for (const message of hints) {
		if (message) context.addExecutionHints?.({ message, location: 'outputPane' });
	}
	return {
		json: { inTime: call.isInTime, steps: steps.map(({ label }) => label), xml },
		pairedItem: { item: 0 },
	};
}
