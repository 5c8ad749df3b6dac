import { ValidationError } from '../errors/validationError';
import { formatValue } from '../parameters/parseJson';
import { locatorValue, parseText } from '../parameters/parseText';
import { listValues } from '../parameters/parseList';
import { isEmptyNumber, parsePhoneNumbers } from '../parameters/phoneNumber';
import { parseInteger } from '../parameters/serialize';
import { integer } from '../schema/field';
import { buildXml, removeForbidden, type XmlElement } from './xml';

/** More are not accepted by the PBX (RingMe documentation of Call Interactive, by an integrator). */
export const MAX_STEPS = 10;
export const MAX_TEXT_LENGTH = 5000;
const MAX_NAME_LENGTH = 200;
const MAX_NUMBERS = 10;
export const MAX_SECONDS = 3600;

/** One step as the editor stores it: its action, and the inputs of this and of other actions. */
export type StepInput = Record<string, unknown>;

/** A step that is checked, as an element of the answer. */
export interface Step {
	/** `Say`: the name of the action in the editor. */
	label: string;
	element: XmlElement;
	/**
	 * Whether the answer ends with this step, so that the PBX ignores what follows. `maybe`: integrators
	 * contradict each other.
	 */
	ends: 'yes' | 'no' | 'maybe';
}

/** Reads the inputs of one step, and names them in errors. */
class InputReader {
	constructor(
		private readonly inputs: StepInput,
		/** `step 2 (Say)` */
		private readonly place: string,
	) {}

	/** Text that may be missing. Removes what XML cannot contain. @throws ValidationError if it is too long */
	optional(name: string, label: string, maxLength = MAX_NAME_LENGTH): string | undefined {
		const value = locatorValue(this.inputs[name]);
		if (value === undefined || value === null) return undefined;
		const text = removeForbidden(parseText({ label: `${label} of ${this.place}` }, value));
		const length = Array.from(text).length;
		if (length > maxLength) {
			throw new ValidationError(
				`'${label}' of ${this.place} is too long: ${length} characters`,
				`It can have ${maxLength} characters.`,
			);
		}
		return text.trim() === '' ? undefined : text;
	}

	/** @throws ValidationError if it is missing */
	required(name: string, label: string, maxLength?: number): string {
		const text = this.optional(name, label, maxLength);
		if (text === undefined) throw new ValidationError(`'${label}' of ${this.place} is empty`);
		return text;
	}

	/** @throws ValidationError for anything but whole seconds */
	seconds(name: string, label: string, fallback: number): string {
		const value = this.inputs[name] ?? fallback;
		const field = integer(name, `${label} of ${this.place}`, '', { min: 1, max: MAX_SECONDS });
		return String(parseInteger(field, value));
	}

	/** Numbers that are dialed, as the PBX separates them. @throws ValidationError for anything else */
	numbers(name: string, label: string): string {
		const value = this.inputs[name];
		if (listValues(value).every(isEmptyNumber)) {
			throw new ValidationError(`'${label}' of ${this.place} is empty`);
		}
		const numbers = parsePhoneNumbers(`${label} of ${this.place}`, value);
		if (numbers.length > MAX_NUMBERS) {
			throw new ValidationError(`'${label}' of ${this.place} has more than ${MAX_NUMBERS} numbers`);
		}
		const other = numbers.find((number) => !/^\+?[\d*#]+$/.test(number));
		if (other === undefined) return numbers.join(',');
		throw new ValidationError(
			`'${label}' of ${this.place} contains ${formatValue(other)}, which is not a number`,
			'Enter phone numbers or the numbers of extensions, separated by commas.',
		);
	}
}

const SPEED = /^(?:[0-2](?:\.\d+)?|3(?:\.0+)?)$/;

type StepBuilder = (read: InputReader, inputs: StepInput) => Omit<Step, 'label'>;

/** The actions, with their names in the editor. Elements: RingMe documentation of Call Interactive. */
const ACTIONS: Record<string, { label: string; build: StepBuilder }> = {
	goToMenuStep: {
		label: 'Go to Menu Step',
		build: (read) => ({
			element: {
				name: 'Jump',
				attributes: {
					context: read.required('menuContext', 'Menu Context'),
					option: read.optional('menuOption', 'Menu Option') ?? 'start',
				},
			},
			ends: 'yes',
		}),
	},
	hangUp: {
		label: 'Hang Up',
		build: () => ({ element: { name: 'Hangup' }, ends: 'yes' }),
	},
	pause: {
		label: 'Pause',
		build: (read) => ({
			element: { name: 'Pause', attributes: { length: read.seconds('seconds', 'Seconds', 1) } },
			ends: 'no',
		}),
	},
	playSound: {
		label: 'Play Sound',
		build: (read, { soundMode }) => ({
			element: {
				name: 'PlaySound',
				attributes:
					soundMode === 'background'
						? {
								where: 'background',
								digitvar: read.optional('digitsVariable', 'Store Digits In'),
							}
						: { where: 'foreground' },
				text: read.required('sound', 'Sound'),
			},
			ends: 'no',
		}),
	},
	say: {
		label: 'Say',
		build: (read, { voiceOptions }) => ({
			element: {
				name: 'TTS',
				attributes: { ...readVoice(voiceOptions), play_now: 'true' },
				text: read.required('text', 'Text', MAX_TEXT_LENGTH),
			},
			ends: 'maybe',
		}),
	},
	setCallerId: {
		label: 'Set Caller ID',
		build: (read) => {
			const name = read.optional('callerIdName', 'Caller ID Name');
			const number = read.optional('callerIdNumber', 'Caller ID Number');
			// One of the two is required (the documentation of VoipNow, which has the same element).
			if (name === undefined) read.required('callerIdNumber', 'Caller ID Number');
			return { element: { name: 'SetCaller', attributes: { name, number } }, ends: 'no' };
		},
	},
	setVariable: {
		label: 'Set Variable',
		build: (read) => ({
			element: {
				name: 'SetVar',
				attributes: { name: read.required('variableName', 'Variable Name') },
				text: read.optional('variableValue', 'Variable Value', MAX_TEXT_LENGTH) ?? '',
			},
			ends: 'no',
		}),
	},
	transfer: {
		label: 'Transfer',
		build: (read, { destination, whenNobodyAnswers }) => {
			const isFinal = whenNobodyAnswers !== 'continue';
			return {
				element: {
					name: 'SimpleTransfer',
					attributes: {
						timeout: read.seconds('ringTime', 'Ring Time', 20),
						final: isFinal ? 'yes' : 'no',
					},
					text:
						destination === 'numbers'
							? read.numbers('phoneNumbers', 'Phone Numbers')
							: read.required('extension', 'Extension'),
				},
				ends: isFinal ? 'yes' : 'maybe',
			};
		},
	},
};

/** Names of the actions in the editor. */
export const ACTION_LABELS: Record<string, string> = Object.fromEntries(
	Object.entries(ACTIONS).map(([action, { label }]) => [action, label]),
);

/** Attributes that are sent only if set. */
function readVoice(voiceOptions: unknown) {
	const read = new InputReader((voiceOptions ?? {}) as StepInput, "'Voice Options'");
	const speed = read.optional('speed', 'Speed');
	if (speed !== undefined && !SPEED.test(speed)) {
		throw new ValidationError(
			`'Speed' of 'Voice Options' is not a number from 0 to 3: ${formatValue(speed)}`,
		);
	}
	return {
		lang: read.optional('language', 'Language'),
		voice: read.optional('voice', 'Voice'),
		speed,
	};
}

/**
 * Checks the steps of an answer.
 *
 * @throws ValidationError that names the step and the input
 */
export function readSteps(inputs: StepInput[]): Step[] {
	if (inputs.length === 0) {
		throw new ValidationError('The answer has no steps', "Add at least one step in 'Steps'.");
	}
	if (inputs.length > MAX_STEPS) {
		throw new ValidationError(
			`The answer has ${inputs.length} steps`,
			`The PBX accepts ${MAX_STEPS} at most. Leave the rest to the voice menu, with 'Go to Menu Step'.`,
		);
	}
	return inputs.map((input, index) => {
		const action = String(input.type ?? 'say');
		if (!Object.hasOwn(ACTIONS, action)) {
			throw new ValidationError(
				`Step ${index + 1} has an unknown action: ${formatValue(action)}`,
				`The actions are ${Object.keys(ACTIONS).join(', ')}.`,
			);
		}
		const { label, build } = ACTIONS[action];
		const reader = new InputReader(input, `step ${index + 1} (${label})`);
		return { label, ...build(reader, input) };
	});
}

/** The answer as XML. */
export const toXml = (steps: Step[]) => buildXml(steps.map(({ element }) => element));

/** What the user should know about steps that may not happen; undefined if there are none. */
export function describeIgnoredSteps(steps: Step[]): string | undefined {
	const isFollowed = ({ ends }: Step, index: number) => ends !== 'no' && index < steps.length - 1;
	const at =
		steps.findIndex((step, index) => step.ends === 'yes' && isFollowed(step, index)) + 1 ||
		steps.findIndex(isFollowed) + 1;
	if (at === 0) return undefined;
	const { label, ends } = steps[at - 1];
	return ends === 'yes'
		? `The answer ends with step ${at} (${label}). The PBX ignores what follows it.`
		: `The PBX may end the answer with step ${at} (${label}). If what follows it does not happen, make it a step of the voice menu.`;
}
