/**
 * `npm run scan`: what n8n runs over a community package before it verifies it (`@n8n/scan-community-package`), on the
 * source and on the package that would be published, before it is published. n8n's own command can only do this
 * afterwards: it takes both from where they were published.
 *
 * The scanner brings its own ESLint and rules, in other versions than `npm run lint`; it is installed into `.local`.
 * `npm run build` has to come first.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from '../test/support/ensureInstalled.mts';
import { packPackage } from '../test/support/packPackage.mts';
import { LOCAL, MANIFESTS, ROOT } from '../test/support/paths.mts';

const SCANNER_DIR = join(LOCAL, 'scanner');

interface Scanner {
	/** The files of the repository that are scanned */
	SOURCE_FILE_PATTERNS: string[];
	/** Without any file it has `passed`, with a `message` */
	analyzePackage(
		folder: string,
		patterns: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}

await ensureInstalled({
	manifestDir: join(MANIFESTS, 'scanner'),
	targetDir: SCANNER_DIR,
	description: "n8n's scanner into .local/scanner (220 MB, once)",
	log: console.log,
});
const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(
	pathToFileURL(
		join(SCANNER_DIR, 'node_modules', '@n8n', 'scan-community-package', 'scanner', 'scanner.mjs'),
	).href
)) as Scanner;

const scratch = await mkdtemp(join(tmpdir(), 'scan-'));
try {
	const { folder } = await packPackage(scratch);
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
