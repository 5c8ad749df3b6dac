import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element of the response to *Call Interactive*. */
export interface ResponseElement {
	name: string;
	attributes: Record<string, string>;
	text: string;
}

type XmlNode = Record<string, unknown> & { ':@'?: Record<string, string> };

const parser = new XMLParser({
	preserveOrder: true,
	ignoreAttributes: false,
	attributeNamePrefix: '',
	ignoreDeclaration: true,
	trimValues: false,
	parseTagValue: false,
	parseAttributeValue: false,
	htmlEntities: true,
});

/**
 * Reads the elements in `<Response>`.
 *
 * @throws Error that says why it is not the XML of a response
 */
export function parseInteractiveResponse(xml: string): ResponseElement[] {
	const validation = XMLValidator.validate(xml);
	if (validation !== true) throw new Error(`no valid XML: ${validation.err.msg}`);
	const nodes = (parser.parse(xml) as XmlNode[]).filter((node) => !('#text' in node));
	const [root, ...others] = nodes;
	if (!root || !('Response' in root) || others.length > 0) throw new Error('no <Response>');
	return (root.Response as XmlNode[])
		.filter((node) => !('#text' in node))
		.map((node) => {
			const name = Object.keys(node).find((key) => key !== ':@') ?? '';
			const content = node[name] as Array<Record<string, unknown>>;
			const text = content.map((each) => String(each['#text'] ?? '')).join('');
			return { name, attributes: node[':@'] ?? {}, text };
		});
}
