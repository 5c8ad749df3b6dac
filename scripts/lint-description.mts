/**
 * `npm run lint:description [-- --keep]`: lints the descriptions of the built nodes. The official rules read literals
 * only, and RingMe's properties are built from data, so the descriptions are printed as literal TypeScript into a
 * temporary package with our package.json, credentials and icons, and linted there with the same configuration.
 * `npm run build` has to come first; any error or warning fails. `--keep` keeps that package and prints its path.
 */
import { ESLint } from 'eslint';
import { createRequire } from 'node:module';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../test/support/paths.mts';

const require = createRequire(import.meta.url);

/** The node's class as literal TypeScript: the description in full, functions without their bodies. */
function printClass(name: string, instance: Record<string, unknown>): string {
	const fields = Object.entries(instance).map(([key, value]) => {
		const type = key === 'description' ? ': INodeTypeDescription' : '';
		return `${key}${type} = ${print(value)};`;
	});
	return [
		"import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';",
		`export class ${name} implements INodeType {`,
		...fields,
		...methodsOf(instance).map((key) => `${key} = ${print(() => {})};`),
		'}',
		'',
	].join('\n');
}

const methodsOf = (instance: object) =>
	Object.getOwnPropertyNames(Object.getPrototypeOf(instance)).filter(
		(key) => key !== 'constructor',
	);

/** A value as TypeScript source; connection types by their names. */
function print(value: unknown, key = ''): string {
	if (typeof value === 'function') return 'async function () { return []; }';
	if (Array.isArray(value)) {
		if (/^(in|out)puts$/.test(key)) {
			return `[${value.map((each) => `NodeConnectionTypes.${each === 'main' ? 'Main' : each}`).join()}]`;
		}
		return `[${value.map((each) => print(each)).join(',\n')}]`;
	}
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
	const members = Object.entries(value).map(
		([name, member]) =>
			`${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${print(member, name)}`,
	);
	return `{ ${members.join(',\n')} }`;
}

/** Writes the package into a folder and lints it. */
async function lintDescriptions(folder: string): Promise<ESLint.LintResult[]> {
	const { n8n } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[] };
	};
	for (const part of [
		'package.json',
		'eslint.config.mjs',
		'tsconfig.json',
		'credentials',
		'icons',
	]) {
		await cp(join(ROOT, part), join(folder, part), { recursive: true });
	}
	await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
	const style = { ...(await resolveConfig(join(ROOT, 'index.js'))), parser: 'typescript' };
	for (const file of n8n.nodes) {
		const name = basename(file, '.node.js');
		const { [name]: Node } = require(join(ROOT, file)) as Record<
			string,
			new () => Record<string, unknown>
		>;
		const source = dirname(file).replace(/^dist\//, '');
		await mkdir(join(folder, source), { recursive: true });
		await cp(join(ROOT, source, `${name}.node.json`), join(folder, source, `${name}.node.json`));
		const text = await format(printClass(name, new Node()), style);
		await writeFile(join(folder, source, `${name}.node.ts`), text);
	}
	return await new ESLint({ cwd: folder }).lintFiles(['.']);
}

const folder = await mkdtemp(join(tmpdir(), 'lint-description-'));
const keep = process.argv.includes('--keep');
try {
	const results = await lintDescriptions(folder);
	const problems = results.reduce((sum, file) => sum + file.errorCount + file.warningCount, 0);
	const formatter = await new ESLint({ cwd: folder }).loadFormatter('stylish');
	const text = await formatter.format(results);
	if (text) console.log(text);
	const nodes = results.filter(({ filePath }) => filePath.endsWith('.node.ts'));
	console.log(`Built descriptions of ${nodes.length} nodes: ${problems} errors and warnings.`);
	if (problems || nodes.length === 0) process.exitCode = 1;
} finally {
	if (keep) console.log(folder);
	else await rm(folder, { recursive: true, force: true });
}
