/** A Markdown text with a table between the marks of that name. @throws Error if the marks are missing */
export function withTable(text: string, table: string, mark: string): string {
	const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
	const [from, to] = [text.indexOf(start), text.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`The text has no ${start} ... ${end}`);
	return `${text.slice(0, from + start.length)}\n\n${table}\n${text.slice(to)}`;
}
