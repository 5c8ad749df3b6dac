// Every assumption of the sandbox names its probe, or says why a real PBX cannot be asked.

import { CHANGING, READING } from '../../probe/probes/index.mts';
import { readAssumptions } from './support/tables.mts';

const rows = readAssumptions();
const probes = [...READING, ...CHANGING];

it('finds the assumptions in all tables of ASSUMPTIONS.md', () => {
	const first = [
		'A wrong application id',
		'A validation error',
		'`per_page`',
		'A name of an',
		'The method',
	];
	for (const start of first)
		expect(rows.some((row) => row.assumption.startsWith(start))).toBe(true);
	expect(rows.length).toBeGreaterThan(90);
});

it('every assumption names its probe or says why there is none', () => {
	const incomplete = rows.filter(
		({ probe, names }) => names.length === 0 && !/^None: .{10,}\.$/.test(probe ?? ''),
	);
	const wanted = 'Add the cell "Probe": the names of probes in `backticks`, or "None: reason."';
	expect(incomplete.map(({ assumption }) => `${assumption}\n${wanted}`)).toEqual([]);
});

it('every probe that an assumption names exists', () => {
	const names = probes.map(({ name }) => name);
	const unknown = rows.flatMap((row) => row.names.filter((name) => !names.includes(name)));
	expect(unknown).toEqual([]);
});

it('every probe belongs to an assumption and has a name of its own', () => {
	const named = new Set(rows.flatMap((row) => row.names));
	expect(probes.filter(({ name }) => !named.has(name))).toEqual([]);
	expect(new Set(probes.map(({ name }) => name)).size).toBe(probes.length);
});

it('ASSUMPTIONS.md marks exactly the probes that need --write', () => {
	const cells = rows.map(({ probe = '' }) => probe).join('\n');
	for (const { name } of READING) expect(cells).not.toContain(`\`${name}\` (\`--write\`)`);
	for (const { name } of CHANGING) expect(cells).toContain(`\`${name}\` (\`--write\`)`);
});
