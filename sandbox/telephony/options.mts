import { z } from 'zod';
import { TelephonyInputError } from './numbers.mts';

// Input of the telephony methods. The control endpoint passes JSON to them without a check of its own,
// so an invalid value becomes a TelephonyInputError whose message names the field.

const extension = z.union([z.number().int(), z.string().min(1).max(40)]);
const number = z.string().min(1).max(40);
const failure = z.enum(['BUSY', 'NOANSWER', 'CANCEL', 'CONGESTION', 'CHANUNAVAIL']);
const seconds = z.number().min(0).max(86_400);

const callOptions = {
	/** Whether it is answered. Default: true for incoming calls, see `callOutcome` for outgoing ones. */
	answered: z.boolean().optional(),
	/** How an unanswered call ends. Default: NOANSWER, or CANCEL for an incoming call. */
	status: failure.optional(),
	/** Seconds of ringing. */
	ring: seconds.optional(),
	/** Seconds of talking. */
	talk: seconds.optional(),
	/** Whether an answered call is recorded. Default true. */
	recorded: z.boolean().optional(),
	/** Whether the hangup event has a RecID. Default: true for 19 of 20 recorded calls. */
	includesRecId: z.boolean().optional(),
	/** The caller's name. */
	fromName: z.string().max(200).optional(),
	/**
	 * true: the call takes its time on the clock; a virtual clock has to be advanced.
	 * false (default): the call is over immediately, as if it had just ended.
	 */
	live: z.boolean().optional(),
};

export const incomingCallOptions = z
	.object({
		/** The caller: an external number, or an extension for an internal call. */
		from: number,
		/** The phones that ring: one or several extensions. Default: those that the DID routes to. */
		to: z.union([extension, z.array(extension).min(1).max(100)]).optional(),
		/** The called DID. Default: the first one. */
		did: number.optional(),
		/** The queue or IVR that the call comes through; its hangup event has `Bridged`. */
		through: extension.optional(),
		/** The phone that answers. Default: the first. */
		answeredBy: extension.optional(),
		/** RemoteNumber of the dial-in events, set in an internal transfer of an external call. */
		remoteNumber: number.optional(),
		...callOptions,
	})
	.strict();

export const outgoingCallOptions = z
	.object({
		/** The calling extension. Default: the first phone. */
		from: extension.optional(),
		/** An external number, or an extension for an internal call. */
		to: number,
		/** Whether a transfer created the leg (`Transfered=yes`). */
		transferred: z.boolean().optional(),
		...callOptions,
	})
	.strict();

export const messageOptions = z
	.object({
		direction: z.enum(['in', 'out']).default('in'),
		/** Default: the extension that receives the messages of the DID, or the first phone. */
		extension: extension.optional(),
		/** The external number. */
		remote: number,
		/** The number of the PBX. Default: the first DID. */
		local: number.optional(),
		text: z.string().max(10_000),
		/** Status in the `message-out-status` event of an outgoing message. */
		status: z.enum(['sent', 'failed']).default('sent'),
	})
	.strict();

export const voicemailOptions = z
	.object({
		/** Default: the first phone. */
		extension: extension.optional(),
		from: number,
		fromName: z.string().max(200).optional(),
		/** Seconds. Default 12. */
		duration: seconds.default(12),
	})
	.strict();

export const callStatusOptions = z
	.object({
		extension,
		/** Ids of call statuses; null means "none". */
		from: z.number().int().nullable().default(null),
		to: z.number().int().nullable().default(null),
	})
	.strict();

/** How the webhooks of tasks (`url_*`) are delivered. What a real PBX does is not documented. */
export const taskWebhookOptions = z
	.object({
		method: z.enum(['GET', 'POST']).default('POST'),
		/**
		 * `assumed`: form fields as in ASSUMPTIONS.md. `empty`: no fields and no body. `json`: the same
		 * fields as a JSON body. `otherNames`: form fields named like those of the phone events.
		 */
		payload: z.enum(['assumed', 'empty', 'json', 'otherNames']).default('assumed'),
		/** Whether the payload has the id of the task. */
		taskId: z.boolean().default(true),
		/** 2: each delivery is sent twice, both at the same time. */
		times: z.union([z.literal(1), z.literal(2)]).default(1),
		/** Seconds of the clock from the event to its delivery. The task does not wait for a late delivery. */
		delaySeconds: z.number().int().min(0).max(86_400).default(0),
		/**
		 * Whether a request that adds tasks gets its response only after their deliveries. Tasks then start
		 * immediately, whatever their start time is, and their calls take no time. The scheduler must be on
		 * and within the hours of its interval.
		 */
		beforeResponse: z.boolean().default(false),
	})
	.strict()
	.refine(({ method, payload }) => payload !== 'json' || method === 'POST', {
		path: ['payload'],
		message: 'json requires the method POST',
	})
	.refine(({ delaySeconds, beforeResponse }) => delaySeconds === 0 || !beforeResponse, {
		path: ['beforeResponse'],
		message: 'a late delivery cannot precede the response',
	});

const milliseconds = z.number().int().min(0).max(600_000);
const menuName = z.string().min(1).max(100);

/** A step of a voice menu, with the documented names of actions and fields. */
const menuStep = z.discriminatedUnion('action', [
	z
		.object({
			action: z.literal('call_interactive'),
			call_interactive_url: z.string().url().max(2000),
			call_interactive_method: z.enum(['GET', 'POST']).default('GET'),
		})
		.strict(),
	/** `sound`: the `filename` of a sound. */
	z.object({ action: z.literal('play_sound'), sound: menuName }).strict(),
	z.object({ action: z.literal('play_silence'), silence_time: seconds }).strict(),
	z
		.object({
			action: z.enum(['transfer', 'simple_transfer']),
			transfer_dst: z.array(number).min(1).max(100),
		})
		.strict(),
	z.object({ action: z.literal('transfer_from_variable'), transfer_variable: menuName }).strict(),
	z
		.object({
			action: z.literal('jump_to_context'),
			context: menuName,
			context_option: menuName.default('start'),
		})
		.strict(),
	z.object({ action: z.literal('record_digits'), record_digits_variable: menuName }).strict(),
	z
		.object({
			action: z.literal('set_variable'),
			set_variable_name: menuName,
			set_variable_value: z.string().max(10_000),
		})
		.strict(),
	/** The step *voice navigator*: stores what the caller types or says. */
	z.object({ action: z.literal('voice_helper') }).strict(),
	z.object({ action: z.literal('hangup') }).strict(),
]);

/** The voice menu of an IVR: contexts with options (`start`, `timeout`, `invalid`, digits), and their steps. */
export const voiceMenuOptions = z
	.object({
		/** Default: the first IVR. */
		extension: extension.optional(),
		entry_context: menuName.default('1'),
		contexts: z.record(
			menuName,
			z
				.object({
					/** Milliseconds to wait for digits after the last step. */
					timeout: milliseconds.default(5000),
					options: z.record(menuName, z.array(menuStep).max(100)),
				})
				.strict(),
		),
	})
	.strict()
	.refine(({ contexts, entry_context: entry }) => Object.hasOwn(contexts, entry), {
		path: ['entry_context'],
		message: 'there is no such context',
	});

/** What voice menus do with *Call Interactive* where it is not documented. */
export const callInteractiveOptions = z
	.object({
		/** Real milliseconds that the menu waits for a response. */
		timeoutMs: milliseconds.min(1).default(10_000),
		/** What follows if there is no usable response: the next step of the menu, or the end of the call. */
		onError: z.enum(['continue', 'hangup']).default('continue'),
		/** After which elements the rest of a response is ignored, besides Hangup and Jump. */
		lastElements: z.array(z.enum(['SimpleTransfer', 'TTS'])).default(['SimpleTransfer']),
		/** Seconds that SimpleTransfer rings if its `timeout` is missing or wrong. */
		ringSeconds: seconds.default(30),
		/** Whether SetCaller empties the one of name and number that it does not have. */
		setCallerEmpties: z.boolean().default(false),
		/** Whether the response goes on only after a sound in the background or what the caller types. */
		backgroundWaits: z.boolean().default(true),
		/** `sent`: all variables of the menu are fields. `inUrl`: only where the query has `$name`. */
		variables: z.enum(['sent', 'inUrl']).default('sent'),
	})
	.strict();

export const menuCallOptions = z
	.object({
		/** The caller: an external number, or an extension for an internal call. */
		from: number,
		fromName: z.string().max(200).optional(),
		/** The called IVR. Default: the one that the DID routes to, else the first with a menu. */
		to: extension.optional(),
		/** The called DID. Default: one that routes to the IVR. */
		did: number.optional(),
		/**
		 * What the caller does when the menu waits for input, in this order: types it if it consists of digits, `*`
		 * and `#`, says it otherwise. Nothing when the list is at its end.
		 */
		inputs: z.array(z.string().max(1000)).max(100).default([]),
		/** Seconds after which the caller hangs up. Default: stays until the end. */
		hangsUpAfter: seconds.optional(),
		/** Variables of the callback or task that made the call. */
		callbackVariables: z.record(menuName, z.string().max(10_000)).default({}),
		/** false: the clock moves on by the length of the call, which is over at once. */
		live: z.boolean().default(true),
	})
	.strict();

export type VoiceMenu = z.output<typeof voiceMenuOptions>;
export type ParsedMenuCall = z.output<typeof menuCallOptions>;
export type MenuStep = z.output<typeof menuStep>;
export type VoiceMenuOptions = z.input<typeof voiceMenuOptions>;
export type CallInteractiveOptions = z.input<typeof callInteractiveOptions>;
export type CallInteractiveForm = z.output<typeof callInteractiveOptions>;
export type MenuCallOptions = z.input<typeof menuCallOptions>;
export type IncomingCallOptions = z.input<typeof incomingCallOptions>;
export type OutgoingCallOptions = z.input<typeof outgoingCallOptions>;
export type MessageOptions = z.input<typeof messageOptions>;
export type VoicemailOptions = z.input<typeof voicemailOptions>;
export type CallStatusOptions = z.input<typeof callStatusOptions>;
export type TaskWebhookOptions = z.input<typeof taskWebhookOptions>;
export type TaskWebhookForm = z.output<typeof taskWebhookOptions>;

/** Validates input against one of the schemas above. @throws TelephonyInputError */
export function parseOptions<S extends z.ZodTypeAny>(schema: S, input: unknown): z.output<S> {
	const result = schema.safeParse(input);
	if (result.success) return result.data as z.output<S>;
	const [issue] = result.error.issues;
	throw new TelephonyInputError([issue.path.join('.'), issue.message].filter(Boolean).join(': '));
}
