/** The README with a table between the marks of that name. @throws Error if the marks are missing */
export function withTable(readme: string, table: string, mark: string): string {
	const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
	const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`README.md has no ${start} ... ${end}`);
	return `${readme.slice(0, from + start.length)}\n\n${table}\n${readme.slice(to)}`;
}
