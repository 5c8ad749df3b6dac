import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/paths.mts';

/** One row of sandbox/ASSUMPTIONS.md. */
export interface AssumptionRow {
	assumption: string;
	/** The cell of the column "Probe"; undefined if the row has none. */
	probe?: string;
	/** Names in that cell. */
	names: string[];
}

/** All assumptions of sandbox/ASSUMPTIONS.md. Other tables, such as that of the numbers, are skipped. */
export function readAssumptions(): AssumptionRow[] {
	const text = readFileSync(join(ROOT, 'sandbox', 'ASSUMPTIONS.md'), 'utf8');
	const tables = text.split(/\n(?!\|)/).map((part) => part.split('\n').filter(isRow));
	return tables
		.filter(([header]) => header !== undefined && cellsOf(header)[0] === 'Assumption')
		.flatMap(([, , ...rows]) => rows)
		.map((line) => {
			const [assumption, , , probe] = cellsOf(line);
			const names = [...(probe ?? '').matchAll(/`([a-z][a-z-]*)`/g)].map(([, name]) => name);
			return { assumption, probe, names };
		});
}

const isRow = (line: string) => line.startsWith('|');

const cellsOf = (line: string) =>
	line
		.replace(/^\|\s*|\s*\|\s*$/g, '')
		.split(/\s+\|\s+/)
		.map((cell) => cell.trim());
