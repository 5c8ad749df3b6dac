/**
 * `npm run release -- 0.2.0`: checks that nothing prevents a release and prints all that does; then runs `npm test`,
 * renames the changelog's section "Unreleased" to the version, commits, tags and pushes. The tag's workflow publishes
 * to npm: nothing is published from a person's machine, because n8n requires npm's provenance statement. With `--check`
 * it only checks.
 *
 * Not `n8n-node release`: it needs release-it and auto-changelog, which writes the changelog from commit subjects; it
 * cannot release the version that package.json already has, the first one; and it only lints and builds before.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { ROOT } from '../test/support/paths.mts';
import { withVersion } from './release/changelog.mts';
import { gitHubAddress, releaseChecklist, type Manifest } from './release/checklist.mts';

const DOCUMENTED = [
	'credentials/RingMeApi.credentials.ts',
	'credentials/RingMeOAuth2Api.credentials.ts',
	'nodes/RingMe/RingMe.node.json',
	'nodes/RingMeCallTrigger/RingMeCallTrigger.node.json',
	'nodes/RingMeTrigger/RingMeTrigger.node.json',
	'nodes/RingMePollingTrigger/RingMePollingTrigger.node.json',
];

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { check: { type: 'boolean', default: false } },
});
const read = async (path: string) => await readFile(join(ROOT, path), 'utf8');
const git = async (...args: string[]) => (await execa('git', args, { cwd: ROOT })).stdout.trim();
const run = async (command: string, ...args: string[]) =>
	await execa(command, args, { cwd: ROOT, stdio: 'inherit' });

const manifest = JSON.parse(await read('package.json')) as Manifest;
const version = positionals[0] ?? manifest.version;
const tag = `v${version}`;
let changelog = await read('CHANGELOG.md');

const problems = await findProblems();
if (problems.length > 0) {
	console.error(`${manifest.name} ${version} cannot be released yet:`);
	for (const problem of problems) console.error(`- ${problem}`);
	process.exit(1);
}
console.log(`${manifest.name} ${version} can be released.`);
if (!values.check) await release();

/** A command that fails prints why, and throws. Nothing has left this machine before the last one. */
async function release(): Promise<void> {
	await run('npm', 'test');
	await writeFile(join(ROOT, 'CHANGELOG.md'), changelog);
	await run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
	// The first release changes nothing: version and section are there already.
	await run('git', 'commit', '--all', '--allow-empty', '-m', `Release ${version}`);
	await run('git', 'tag', '-a', tag, '-m', version);
	await run('git', 'push', '--atomic', 'origin', 'main', tag);
	console.log(`${tag} is pushed; the workflow "Publish" publishes it to npm.`);
}

async function findProblems(): Promise<string[]> {
	const documented: Record<string, string> = {};
	for (const path of DOCUMENTED) documented[path] = await read(path);
	const contributing = await read('CONTRIBUTING.md');
	const found = releaseChecklist({ manifest, contributing, documented });

	if ((await git('status', '--porcelain')) !== '') found.push('There are uncommitted changes.');
	const branch = await git('branch', '--show-current');
	if (branch !== 'main') found.push(`The branch is ${branch}, not main.`);
	if ((await git('tag', '--list', tag)) !== '') found.push(`The tag ${tag} exists.`);
	// Only the part that names it: a URL may contain a token.
	const origin = gitHubAddress(await git('remote', 'get-url', 'origin').catch(() => ''));
	if (origin !== gitHubAddress(manifest.repository.url)) {
		found.push(
			`git's "origin" (${origin ?? 'not on GitHub'}) is not the repository of package.json: npm would refuse the provenance statement.`,
		);
	}

	if (!/^\d+\.\d+\.\d+$/.test(version)) found.push(`${version} is not a version like 1.2.3.`);
	else if (version.localeCompare(manifest.version, 'en', { numeric: true }) < 0) {
		found.push(`${version} is older than ${manifest.version} in package.json.`);
	}
	try {
		changelog = withVersion(changelog, version);
	} catch (error) {
		found.push((error as Error).message);
	}
	return found;
}
