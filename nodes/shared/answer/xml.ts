/** An element of the answer: attributes without a value are left out. */
export interface XmlElement {
	name: string;
	attributes?: Record<string, string | undefined>;
	text?: string;
}

/** What every answer begins with, which distinguishes it from other responses. */
export const ANSWER_START = '<?xml version="1.0" encoding="UTF-8"?><Response>';

/**
 * The answer to a call as XML (RingMe documentation of Call Interactive). Without elements the PBX
 * continues with its menu.
 */
export const buildXml = (elements: XmlElement[]) =>
	`${ANSWER_START}${elements.map(buildElement).join('')}</Response>`;

function buildElement({ name, attributes = {}, text }: XmlElement): string {
	const written = Object.entries(attributes).map(([attribute, value]) =>
		value === undefined ? '' : ` ${attribute}="${escapeAttribute(value)}"`,
	);
	const start = `<${name}${written.join('')}`;
	return text === undefined ? `${start}/>` : `${start}>${escapeText(text)}</${name}>`;
}

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&apos;',
};

/** Parsers turn a carriage return in a text into a line feed, unless it is a reference. */
const escapeText = (text: string) =>
	removeForbidden(text)
		.replace(/[&<>"']/g, (character) => ENTITIES[character])
		.replace(/\r/g, '&#13;');

/** Parsers turn line breaks and tabs in an attribute into spaces, unless they are references. */
const escapeAttribute = (text: string) =>
	escapeText(text).replace(/[\t\n]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Control characters, halves of surrogate pairs and two more, which XML 1.0 cannot contain. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Removes the characters that no XML document can contain, escaped or not. */
export const removeForbidden = (text: string) => text.replace(FORBIDDEN, '');
