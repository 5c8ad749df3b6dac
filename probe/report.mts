import Table from 'cli-table3';
import type { Report } from './run.mts';

const WORDS = { confirmed: 'confirmed', refuted: 'REFUTED', 'not answerable': 'not answerable' };

/** What was seen, or why the question was not answered. */
const detailOf = (verdict: Report['results'][number]['verdict']) =>
	verdict.verdict === 'refuted'
		? verdict.seen
		: verdict.verdict === 'not answerable'
			? verdict.reason
			: '';

/** `31 confirmed, 2 refuted, 4 not answerable` */
export function summaryOf({ results }: Report): string {
	return Object.keys(WORDS)
		.map((word) => `${results.filter(({ verdict }) => verdict.verdict === word).length} ${word}`)
		.join(', ');
}

/** What a reader has to know about the end of the run. */
export function notesOf({ stopped, unanswered, left, leftovers }: Report): string[] {
	return [
		...(stopped === undefined ? [] : [`The run ended early: ${stopped}`]),
		...(unanswered > 0
			? [
					`The PBX did not respond to ${unanswered} questions. They are "not answerable" here; run the probe again when it responds.`,
				]
			: []),
		...(leftovers > 0 ? [`${leftovers} records of an earlier run were deleted.`] : []),
		...(left.length > 0
			? [
					`Not deleted: ${left.join(', ')}. Run \`npm run probe -- --write\` again: it finds and deletes them. Or delete them in the PBX by these names.`,
				]
			: []),
	];
}

/** The table for a terminal. @param width number of columns */
export function renderTable({ results }: Report, width: number): string {
	const nameWidth = 24;
	const verdictWidth = 16;
	const rest = Math.max(40, width - nameWidth - verdictWidth - 5);
	const table = new Table({
		head: ['Probe', 'Verdict', 'Assumption, and what was seen instead'],
		colWidths: [nameWidth, verdictWidth, rest],
		wordWrap: true,
		style: { head: [], border: [] },
	});
	for (const { probe, verdict } of results) {
		const detail = detailOf(verdict);
		table.push([
			probe.name,
			WORDS[verdict.verdict],
			detail ? `${probe.assumption}\n→ ${detail}` : probe.assumption,
		]);
	}
	return table.toString();
}

/**
 * The report as Markdown, to attach to an issue.
 * @param about version of the package, and when it was run
 */
export function renderMarkdown(report: Report, about: { version: string; date: string }): string {
	const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
	const rows = report.results.map(
		({ probe, verdict }) =>
			`| \`${probe.name}\` | ${WORDS[verdict.verdict]} | ${cell(probe.assumption)} | ${cell(detailOf(verdict))} |`,
	);
	return [
		'# What this PBX does',
		'',
		`Written by \`npm run probe\` of n8n-nodes-ringme ${about.version} on ${about.date}, with ${report.requests} requests. It contains no secret, no phone number and no name.`,
		'',
		'- Operator of the PBX (please fill in): ',
		...notesOf(report).map((note) => `- ${note}`),
		'',
		`${summaryOf(report)}.`,
		'',
		'| Probe | Verdict | Assumption | Seen |',
		'| --- | --- | --- | --- |',
		...rows,
		'',
	].join('\n');
}
