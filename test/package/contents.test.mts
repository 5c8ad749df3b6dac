import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { packPackage, type PackedPackage } from '../support/packPackage.mts';
import { ROOT } from '../support/paths.mts';

/** What users get from npm, and what n8n requires of it. `npm run build` has to come first. */

interface Manifest {
	name: string;
	version: string;
	license: string;
	description: string;
	keywords: string[];
	files: string[];
	scripts: Record<string, string>;
	peerDependencies: Record<string, string>;
	n8n: { n8nNodesApiVersion: number; strict: boolean; credentials: string[]; nodes: string[] };
}

/** A node has its icon in its description, a credential has its own property. */
interface NodeOrCredential {
	icon?: Icon;
	description?: { icon: Icon };
}
interface Icon {
	light: string;
	dark: string;
}

/** Bytes. A limit of this project's own. */
const MAX_UNPACKED_SIZE = 650_000;
const SHIPPED = [
	/^(README\.md|LICENSE\.md|package\.json|index\.js)$/,
	/^dist\/(nodes|credentials)\/.+\.js$/,
	/^dist\/nodes\/.+\.node\.json$/,
	/^dist\/nodes\/.+\/__schema__\/.+\.json$/,
	/^dist\/icons\/[\w.]+\.svg$/,
];

describe('the package', () => {
	let scratch: string;
	let packed: PackedPackage;
	let manifest: Manifest;

	beforeAll(async () => {
		scratch = await mkdtemp(join(tmpdir(), 'package-'));
		packed = await packPackage(scratch);
		manifest = JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8'));
	});
	afterAll(async () => await rm(scratch, { recursive: true, force: true }));

	const isShipped = (path: string) => packed.files.includes(path);

	it('contains nothing but the files that n8n needs', () => {
		const others = packed.files.filter((path) => !SHIPPED.some((form) => form.test(path)));
		expect(others).toEqual([]);
		expect(packed.unpackedSize).toBeLessThanOrEqual(MAX_UNPACKED_SIZE);
		for (const path of ['README.md', 'LICENSE.md', 'index.js']) expect(isShipped(path)).toBe(true);
	});

	it('contains every source file, compiled, and no file without a source', () => {
		const expected = ['nodes', 'credentials'].flatMap((folder) =>
			readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
				.filter((path) => path.endsWith('.ts'))
				.map((path) => `dist/${folder}/${path.replace(/\.ts$/, '.js')}`),
		);
		const code = packed.files.filter((path) => /^dist\/.*\.js$/.test(path));
		expect(code.sort()).toEqual(expected.sort());
	});

	it('depends on nothing but the n8n-workflow of n8n', async () => {
		for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
			expect(manifest).not.toHaveProperty(field);
		}
		expect(manifest).not.toHaveProperty('overrides');
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		const imported = new Set<string>();
		for (const path of packed.files.filter((each) => each.endsWith('.js'))) {
			const code = await readFile(join(packed.folder, path), 'utf8');
			for (const [, name] of code.matchAll(/\b(?:require|import)\(['"]([^'"]+)['"]\)/g)) {
				if (!name.startsWith('.')) imported.add(name);
				else expect(existsSync(resolveModule(join(packed.folder, dirname(path), name)))).toBe(true);
			}
		}
		expect([...imported].sort()).toEqual(['crypto', 'n8n-workflow']);
	});

	it('runs no script when it is installed or published', () => {
		const hooks = Object.keys(manifest.scripts).filter((name) =>
			/^(pre|post)?(install|prepare|publish|pack)$|^prepublishOnly$/.test(name),
		);
		expect(hooks).toEqual([]);
	});

	it('has the name, license and keyword that n8n requires', () => {
		expect(manifest.name).toMatch(/^(@[\w-]+\/)?n8n-nodes-[\w-]+$/);
		expect(manifest.license).toBe('MIT');
		expect(manifest.keywords).toContain('n8n-community-node-package');
		expect(manifest.files).toEqual(['dist']);
		expect(manifest.n8n).toMatchObject({ n8nNodesApiVersion: 1, strict: true });
	});

	it('names every node and credential in its manifest, with icons that exist', async () => {
		const { credentials, nodes } = manifest.n8n;
		const named = [...credentials, ...nodes];
		const existing = packed.files.filter((path) => /\.(node|credentials)\.js$/.test(path));
		expect([...named].sort()).toEqual(existing.sort());
		for (const path of named) {
			const { light, dark } = iconOf(path);
			for (const file of [light, dark]) {
				const at = resolve(packed.folder, dirname(path), file.replace(/^file:/, ''));
				expect(existsSync(at)).toBe(true);
			}
		}
		for (const path of nodes) expect(isShipped(path.replace(/\.js$/, '.json'))).toBe(true);
	});

	it('has an entry in the changelog for its version', async () => {
		const log = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
		expect(log).toContain(`\n## ${manifest.version}`);
	});
});

const resolveModule = (path: string) =>
	[`${path}.js`, join(path, 'index.js'), path].find(existsSync) ?? path;

function iconOf(path: string): Icon {
	const classes = createRequire(join(ROOT, 'package.json'))(join(ROOT, path)) as Record<
		string,
		new () => NodeOrCredential
	>;
	const [{ icon, description }] = Object.values(classes).map((Class) => new Class());
	return (description?.icon ?? icon) as Icon;
}
