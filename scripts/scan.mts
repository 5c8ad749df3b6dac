/**
 * `npm run scan`: what n8n runs over a community package before it verifies it (`@n8n/scan-community-package`), on the
 * source and on the package that would be published, before it is published. n8n's own command can only do this
 * afterwards: it takes both from where they were published.
 *
 * The scanner brings its own ESLint and rules, in other versions than `npm run lint`; it is installed into `.local/scan`.
 * Looks at what is built: `npm run build` first.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LOCAL, ROOT } from './n8n/folders.mts';
import { unpacked } from './package.mts';
import { install } from './recipe.mts';

const SCANNER = join(LOCAL, 'scan');

interface Scanner {
	/** Which files of the repository the scan looks at */
	SOURCE_FILE_PATTERNS: string[];
	/** `message` also when there was nothing to look at, which counts as passed */
	analyzePackage(
		folder: string,
		patterns: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}

await install({
	recipe: join(ROOT, 'scripts', 'scan'),
	folder: SCANNER,
	what: "n8n's scanner into .local/scan (220 MB, once)",
});
const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(
	pathToFileURL(
		join(SCANNER, 'node_modules', '@n8n', 'scan-community-package', 'scanner', 'scanner.mjs'),
	).href
)) as Scanner;

await mkdir(LOCAL, { recursive: true });
const scratch = await mkdtemp(join(LOCAL, 'scan-package-'));
try {
	const { folder } = await unpacked(scratch);
	const results = [
		['the source', await analyzePackage(ROOT, SOURCE_FILE_PATTERNS)],
		['the package', await analyzePackage(folder, ['**/*.js', 'package.json'])],
	] as const;
	for (const [what, { passed, message, details }] of results) {
		const clean = passed && message === undefined;
		if (!clean) process.exitCode = 1;
		console.log(clean ? `Nothing found in ${what}.` : `${what}: ${message}\n${details ?? ''}`);
	}
} finally {
	await rm(scratch, { recursive: true, force: true });
}
