import { z } from 'zod';
import { TelephonyInputError } from './numbers.mts';

/**
 * What may be asked of the telephony. The control endpoint passes JSON straight in: a wrong value
 * becomes a TelephonyInputError whose message names the field.
 */

const extension = z.union([z.number().int(), z.string().min(1).max(40)]);
const number = z.string().min(1).max(40);
const failure = z.enum(['BUSY', 'NOANSWER', 'CANCEL', 'CONGESTION', 'CHANUNAVAIL']);
const seconds = z.number().min(0).max(86_400);

const anyCall = {
	/** Whether somebody answers. Default: see `outcomeOf` for outgoing calls; incoming ones: yes. */
	answered: z.boolean().optional(),
	/** How it ends when nobody answers. Default NOANSWER (CANCEL for an incoming call). */
	status: failure.optional(),
	/** Seconds until it is answered or given up. */
	ring: seconds.optional(),
	/** Seconds of talk. */
	talk: seconds.optional(),
	/** Whether an answered call is recorded. Default true. */
	recorded: z.boolean().optional(),
	/** Whether the hangup names the recording (RecID). Default: for 19 in 20 recorded calls. */
	tellsRecord: z.boolean().optional(),
	/** The caller's name as phones show it. */
	fromName: z.string().max(200).optional(),
	/**
	 * false (default): the whole call at once, as if it had just ended.
	 * true: it takes its time on the clock (a virtual one has to be advanced).
	 */
	live: z.boolean().optional(),
};

export const incomingCallOptions = z
	.object({
		/** The caller: an outside number, or an extension for an internal call. */
		from: number,
		/** The phones that ring: one or several extensions. Default: the ones the DID leads to. */
		to: z.union([extension, z.array(extension).min(1).max(100)]).optional(),
		/** The public number that was called. Default: the first one there is. */
		did: number.optional(),
		/** A queue or IVR extension the call comes through; its hangup tells `Bridged`. */
		through: extension.optional(),
		/** Which of the phones answers. Default: the first. */
		answeredBy: extension.optional(),
		/** RemoteNumber of the dial-in events (an inside transfer of an outside call). */
		remoteNumber: number.optional(),
		...anyCall,
	})
	.strict();

export const outgoingCallOptions = z
	.object({
		/** The calling extension. Default: the first phone. */
		from: extension.optional(),
		/** An outside number, or an extension for an internal call. */
		to: number,
		/** The leg was made by a transfer (`Transfered=yes`). */
		transferred: z.boolean().optional(),
		...anyCall,
	})
	.strict();

export const messageOptions = z
	.object({
		direction: z.enum(['in', 'out']).default('in'),
		/** Default: the extension that gets the DID's messages, else the first phone. */
		extension: extension.optional(),
		/** The outside number. */
		remote: number,
		/** Our number. Default: the first DID. */
		local: number.optional(),
		text: z.string().max(10_000),
		/** Outgoing messages: what `message-out-status` will say. */
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
		/** Ids of call statuses; null is "none". */
		from: z.number().int().nullable().default(null),
		to: z.number().int().nullable().default(null),
	})
	.strict();

export type IncomingCallOptions = z.input<typeof incomingCallOptions>;
export type OutgoingCallOptions = z.input<typeof outgoingCallOptions>;
export type MessageOptions = z.input<typeof messageOptions>;
export type VoicemailOptions = z.input<typeof voicemailOptions>;
export type CallStatusOptions = z.input<typeof callStatusOptions>;

/** Checks input against one of the schemas above. @throws TelephonyInputError */
export function parseOptions<S extends z.ZodTypeAny>(schema: S, input: unknown): z.output<S> {
	const result = schema.safeParse(input);
	if (result.success) return result.data as z.output<S>;
	const [issue] = result.error.issues;
	throw new TelephonyInputError([issue.path.join('.'), issue.message].filter(Boolean).join(': '));
}
