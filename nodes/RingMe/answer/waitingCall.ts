import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';

/** Ends the names of the node type, whatever the name of the package before it. */
const TRIGGER_TYPE = '.ringMeCallTrigger';
/** In the context of the execution, which all of its nodes share. */
const ANSWERED = 'ringMeCallAnswered';

/** The part of n8n's workflow data that is used here; n8n types it as `any`. */
interface WorkflowData {
	$: (node: string) => { isExecuted: boolean; first(): INodeExecutionData | undefined };
}

/** The call that waits for the answer of this execution. */
export interface WaitingCall {
	/** Whether the trigger still waits. Later it has responded itself. */
	isInTime: boolean;
	/** Remembers for the rest of the execution that the call has its answer. */
	markAnswered(): void;
}

/**
 * The call that started this execution. n8n ignores a response for which nobody waits, so that is
 * checked here.
 *
 * @throws ValidationError if no call waits
 */
export function findWaitingCall(context: IExecuteFunctions): WaitingCall {
	const node = context.getNode();
	const data = context.getWorkflowDataProxy(0) as unknown as WorkflowData;
	const trigger = context
		.getParentNodes(node.name)
		.find(({ name, type }) => type.endsWith(TRIGGER_TYPE) && data.$(name).isExecuted);
	if (!trigger) {
		throw noCall(
			"A call can only be answered in the workflow that its 'RingMe Call Trigger' has started, by a node after it. This execution was started in another way.",
		);
	}
	const mode = context.getMode();
	if (mode !== 'webhook' && mode !== 'manual') {
		throw noCall('This execution repeats an earlier one, whose call is over.');
	}
	const execution = context.getContext('flow');
	if (execution[ANSWERED]) {
		throw new ValidationError(
			'This call has its answer already',
			"A call gets one answer for each request of the voice menu. Put all steps into the first 'Answer'.",
		);
	}
	const { answerBefore } = data.$(trigger.name).first()?.json ?? {};
	// An unreadable time counts as in time: the trigger decides, and a late answer is harmless.
	const isInTime = !(Date.parse(String(answerBefore)) < Date.now());
	if (!isInTime && mode === 'manual') {
		throw noCall(
			`The call of '${trigger.name}' no longer waits. To test, execute the workflow from the trigger and make a call. If that is what you did, the workflow took longer than 'Answer Within' of the trigger.`,
		);
	}
	return {
		isInTime,
		markAnswered: () => {
			execution[ANSWERED] = true;
		},
	};
}

const noCall = (description: string) =>
	new ValidationError('No call waits for an answer', description);
