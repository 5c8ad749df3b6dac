// The architecture of nodes/: dependencies between files and folders have one direction.

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import ts from 'typescript';

import { ROOT } from '../harness/n8n.mts';
import { findCycle, importsOf, type Graph } from './support/imports.mts';

const files = readdirSync(join(ROOT, 'nodes'), { recursive: true, encoding: 'utf8' })
	.map((path) => posix.join('nodes', path.replaceAll('\\', '/')))
	.filter((path) => path.endsWith('.ts'));

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as {
	config: object;
};
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);

/** Path from the root of the project, with slashes. */
const fromRoot = (path: string) => relative(ROOT, path).replaceAll('\\', '/');

/** The files of this project that a file imports, also only for a type. */
function localImports(file: string): string[] {
	const path = join(ROOT, file);
	return importsOf(path, readFileSync(path, 'utf8'))
		.map((name) => ts.resolveModuleName(name, path, options, ts.sys).resolvedModule)
		.filter((module) => module && !module.isExternalLibraryImport)
		.map((module) => fromRoot(module?.resolvedFileName ?? ''));
}

const importsByFile: Graph = new Map(files.map((file) => [file, localImports(file)]));

const importsByFolder: Graph = new Map();
for (const [file, imports] of importsByFile) {
	const folder = posix.dirname(file);
	const others = imports.map((path) => posix.dirname(path)).filter((other) => other !== folder);
	importsByFolder.set(folder, [...new Set([...(importsByFolder.get(folder) ?? []), ...others])]);
}

/** The imports between two folders: `a.ts imports b.ts`. */
const importsBetween = (from: string, to: string) =>
	[...importsByFile]
		.filter(([file]) => posix.dirname(file) === from)
		.flatMap(([file, imports]) =>
			imports.filter((path) => posix.dirname(path) === to).map((path) => `${file} imports ${path}`),
		);

it('finds the imports between the files of nodes/', () => {
	const importCount = [...importsByFile.values()].flat().length;
	expect(files.length).toBeGreaterThan(50);
	expect(importCount).toBeGreaterThan(100);
	// Every relative import is resolved.
	const relativeImports = files.flatMap((file) =>
		importsOf(file, readFileSync(join(ROOT, file), 'utf8')).filter((name) => name.startsWith('.')),
	);
	expect(importCount).toBe(relativeImports.length);
});

it('no file of nodes/ imports itself through other files, not even for a type', () => {
	const cycle = findCycle(importsByFile);
	if (cycle) throw new Error(`These files import each other in a circle:\n${cycle.join('\n-> ')}`);
});

it('no folder of nodes/ imports itself through other folders, not even for a type', () => {
	const cycle = findCycle(importsByFolder);
	if (!cycle) return;
	const steps = cycle.slice(1).flatMap((to, index) => importsBetween(cycle[index], to));
	throw new Error(
		`These folders import each other in a circle:\n${cycle.join('\n-> ')}\nbecause\n${steps.join('\n')}`,
	);
});

it('nothing in nodes/shared imports from one of the nodes', () => {
	const forbidden = [...importsByFile]
		.filter(([file]) => file.startsWith('nodes/shared/'))
		.flatMap(([file, imports]) =>
			imports
				.filter((path) => !path.startsWith('nodes/shared/'))
				.map((path) => `${file} imports ${path}`),
		);
	expect(forbidden).toEqual([]);
});

describe('the search for circles', () => {
	it('finds a circle of three and returns its path', () => {
		const graph = new Map([
			['start', ['a']],
			['a', ['b']],
			['b', ['end', 'c']],
			['c', ['a']],
		]);
		expect(findCycle(graph)).toEqual(['a', 'b', 'c', 'a']);
	});

	it('finds no circle where two paths lead to the same file', () => {
		const graph = new Map([
			['a', ['b', 'c']],
			['b', ['d']],
			['c', ['d']],
		]);
		expect(findCycle(graph)).toBeUndefined();
	});

	it.each([
		["import { a } from './module'", 'an import'],
		["import type { A } from './module'", 'an import of a type'],
		["import './module'", 'an import without names'],
		["export { a } from './module'", 'an export from another file'],
		["export type * from './module'", 'an export of all types of another file'],
		["import a = require('./module')", 'an import assignment'],
		["type A = import('./module').A", 'a type that names its module'],
		["const a = import('./module')", 'a dynamic import'],
		["const a = require('./module')", 'a call of require'],
	])('reads %s as %s', (code) => {
		expect(importsOf('file.ts', code)).toEqual(['./module']);
	});

	it('ignores imports in comments and strings', () => {
		const code = "// import './a'\nconst text = \"import './b'\"; const c = other('./c')";
		expect(importsOf('file.ts', code)).toEqual([]);
	});
});
