import { operations, responseOperations } from './operations.mts';

/** The table of operations in Markdown: resource, operation, description, endpoint. */
export async function operationsTable(): Promise<string> {
	const rows = await operations();
	const all = [
		...rows.map(({ resource, label, row, endpoints }) => {
			const calls = endpoints
				.map(
					({ method, path, isBeyondPage }) => `\`${method} ${path}\`${isBeyondPage ? ' \\*' : ''}`,
				)
				.join('<br>');
			return { resource, label, description: row.description, calls };
		}),
		...responseOperations().map(({ resource, operation: { label, description } }) => {
			return { resource, label, description, calls: 'Response to a request of the PBX' };
		}),
	].sort(
		(a, b) => a.resource.label.localeCompare(b.resource.label) || a.label.localeCompare(b.label),
	);
	const lines = all.map(({ resource, label, description, calls }, index) => {
		const isFirst = all[index - 1]?.resource !== resource;
		return `| ${isFirst ? `**${resource.label}**` : ''} | ${label} | ${description} | ${calls} |`;
	});
	const resources = new Set(all.map(({ resource }) => resource)).size;
	const endpoints = new Set(rows.flatMap((each) => each.endpoints));
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
