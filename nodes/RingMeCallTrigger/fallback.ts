import type { IWebhookFunctions } from 'n8n-workflow';

import { readSteps, toXml, type StepInput } from '../shared/answer/steps';
import { buildXml } from '../shared/answer/xml';

/** The PBX continues with its menu. */
export const EMPTY_ANSWER = buildXml([]);

export const DEFAULT_SECONDS = 3;
export const MAX_SECONDS = 60;

/** What the caller gets if the workflow does not answer, and when. */
export interface Fallback {
	xml: string;
	waitMs: number;
}

/**
 * Reads the fallback. One that cannot work, such as a transfer to a number that an expression did not
 * find, is replaced by the empty answer: the caller must not meet an error.
 */
export function readFallback(context: IWebhookFunctions): Fallback {
	const waitMs = attempt(context, () => readSeconds(context), DEFAULT_SECONDS) * 1000;
	const xml = attempt(
		context,
		() => {
			const steps = fallbackSteps(context);
			return steps.length > 0 ? toXml(readSteps(steps)) : EMPTY_ANSWER;
		},
		EMPTY_ANSWER,
	);
	return { xml, waitMs };
}

function readSeconds(context: IWebhookFunctions): number {
	const seconds = Number(context.getNodeParameter('answerWithin', DEFAULT_SECONDS));
	return seconds > 0 ? Math.min(seconds, MAX_SECONDS) : DEFAULT_SECONDS;
}

function fallbackSteps(context: IWebhookFunctions): StepInput[] {
	const text = (name: string) => context.getNodeParameter(name, '');
	switch (context.getNodeParameter('fallback', 'menu')) {
		case 'transfer':
			return [{ type: 'transfer', destination: 'numbers', phoneNumbers: text('fallbackNumbers') }];
		case 'say':
			return [
				{
					type: 'say',
					text: text('fallbackText'),
					voiceOptions: { language: text('fallbackLanguage') },
				},
				{ type: 'hangUp' },
			];
		default:
			return [];
	}
}

function attempt<T>(context: IWebhookFunctions, read: () => T, otherwise: T): T {
	try {
		return read();
	} catch (error) {
		const { name } = context.getNode();
		context.logger.warn(
			`${name}: 'If the Workflow Does Not Answer' cannot be used: ${(error as Error).message}`,
		);
		return otherwise;
	}
}
