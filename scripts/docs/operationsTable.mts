import { operations } from './operations.mts';

/** The table of operations in Markdown: resource, operation, description, endpoint. */
export async function operationsTable(): Promise<string> {
	const all = await operations();
	const lines = all.map(({ resource, label, row, endpoints }, index) => {
		const isFirst = all[index - 1]?.resource !== resource;
		const calls = endpoints.map(({ method, path }) => `\`${method} ${path}\``).join('<br>');
		return `| ${isFirst ? `**${resource.label}**` : ''} | ${label} | ${row.description} | ${calls} |`;
	});
	const resources = new Set(all.map(({ resource }) => resource)).size;
	const endpoints = new Set(
		all.flatMap((each) => each.endpoints.map(({ method, path }) => `${method} ${path}`)),
	).size;
	return [
		`${resources} resources, ${all.length} operations, ${endpoints} endpoints. Paths are below \`/api/ver1.0\`.`,
		'',
		'| Resource | Operation | What it does | Endpoint |',
		'| --- | --- | --- | --- |',
		...lines,
		'',
	].join('\n');
}
