/**
 * A Markdown text with the content between two marks replaced: `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error if the marks are missing
 */
export function replaceSection(markdown: string, name: string, content: string): string {
	const [startMark, endMark] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const [start, end] = [markdown.indexOf(startMark), markdown.indexOf(endMark)];
	if (start < 0 || end < start) throw new Error(`The text has no ${startMark} ... ${endMark}`);
	return `${markdown.slice(0, start + startMark.length)}\n\n${content}\n${markdown.slice(end)}`;
}
