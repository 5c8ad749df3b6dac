import { operations } from './operations.mts';

/** The table of operations in Markdown: resource, operation, description, endpoint. */
export async function operationsTable(): Promise<string> {
	const all = await operations();
	const lines = all.map(({ resource, label, row, endpoints }, index) => {
		const isFirst = all[index - 1]?.resource !== resource;
		const calls = endpoints
			.map(({ method, path, isBeyondPage }) => `\`${method} ${path}\`${isBeyondPage ? ' \\*' : ''}`)
			.join('<br>');
		return `| ${isFirst ? `**${resource.label}**` : ''} | ${label} | ${row.description} | ${calls} |`;
	});
	const resources = new Set(all.map(({ resource }) => resource)).size;
	const endpoints = new Set(all.flatMap((each) => each.endpoints));
	const beyondPage = [...endpoints].filter(({ isBeyondPage }) => isBeyondPage).length;
	const ofPage = endpoints.size - beyondPage;
	return [
		`${resources} resources, ${all.length} operations, ${ofPage} endpoints of the API page and ${beyondPage} beyond it (marked with \\*). Paths are below \`/api/ver1.0\`.`,
		'',
		'| Resource | Operation | What it does | Endpoint |',
		'| --- | --- | --- | --- |',
		...lines,
		'',
	].join('\n');
}
