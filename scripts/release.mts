/**
 * `npm run release -- 0.2.0`: a new version, from a clean main branch to the tag that publishes it.
 *
 * Looks at everything that could be in the way and names all of it at once; then runs `npm test`, names the changelog's
 * section "Unreleased" after the version, commits, tags and pushes. The tag's workflow publishes to npm: nothing is
 * ever published from a person's machine, because n8n wants npm's statement of which commit a version was built from.
 *
 * With `--check` it only looks. n8n's own `n8n-node release` would do, but brings a release tool with far more choices.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { ROOT } from './n8n/folders.mts';
import { withVersion } from './release/changelog.mts';
import { addressOf, missing, type Manifest } from './release/owner.mts';

const BRANCH = 'main';
const DOCUMENTED = [
	'credentials/RingMeApi.credentials.ts',
	'credentials/RingMeOAuth2Api.credentials.ts',
	'nodes/RingMe/RingMe.node.json',
	'nodes/RingMeTrigger/RingMeTrigger.node.json',
];

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { check: { type: 'boolean', default: false } },
});
const read = async (path: string) => await readFile(join(ROOT, path), 'utf8');
const git = async (...args: string[]) => (await execa('git', args, { cwd: ROOT })).stdout.trim();

const manifest = JSON.parse(await read('package.json')) as Manifest;
const version = positionals[0] ?? manifest.version;
const tag = `v${version}`;

const problems = [...(await ownersProblems()), ...(await gitsProblems()), ...versionsProblems()];
const changelog = await read('CHANGELOG.md');
const written = attempt(() => withVersion(changelog, version));
if (problems.length > 0) {
	console.error(`${manifest.name} ${version} cannot be released yet:`);
	for (const problem of problems) console.error(`- ${problem}`);
	process.exit(1);
}
console.log(`Nothing is in the way of ${manifest.name} ${version}.`);
if (!values.check) await release(written ?? changelog);

async function release(newChangelog: string): Promise<void> {
	const run = async (command: string, ...args: string[]) => {
		const { exitCode } = await execa(command, args, { cwd: ROOT, stdio: 'inherit', reject: false });
		if (exitCode === 0) return;
		console.error(`\n${[command, ...args].join(' ')} failed. ${stateOf(command, args[0])}`);
		process.exit(1);
	};
	await run('npm', 'test');
	await writeFile(join(ROOT, 'CHANGELOG.md'), newChangelog);
	await run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
	await run('git', 'add', 'CHANGELOG.md', 'package.json', 'package-lock.json');
	// Nothing to commit where the version and its section are there already: the first release.
	const changed = (await git('diff', '--cached', '--name-only')) !== '';
	if (changed) await run('git', 'commit', '-m', `Release ${version}`);
	await run('git', 'tag', '-a', tag, '-m', version);
	await run('git', 'push', '--atomic', 'origin', BRANCH, tag);
	console.log(`${tag} is pushed; the workflow "Publish" takes it to npm.`);
}

/** What has happened by the time a command fails, for whoever has to go on from there. */
function stateOf(command: string, word: string): string {
	if (command === 'npm' && word === 'test') return 'Nothing is changed.';
	return word === 'push'
		? 'The version is committed and tagged here; when the cause is gone, run this command again.'
		: 'Look at `git status`; nothing is pushed.';
}

async function ownersProblems(): Promise<string[]> {
	const texts = await Promise.all(DOCUMENTED.map(async (path) => [path, await read(path)]));
	return missing({
		manifest,
		contributing: await read('CONTRIBUTING.md'),
		documented: Object.fromEntries(texts) as Record<string, string>,
	});
}

async function gitsProblems(): Promise<string[]> {
	const found: string[] = [];
	if ((await git('status', '--porcelain')) !== '') found.push('There are changes not committed.');
	const branch = await git('branch', '--show-current');
	if (branch !== BRANCH) found.push(`This is the branch ${branch}, not ${BRANCH}.`);
	if ((await git('tag', '--list', tag)) !== '') found.push(`The tag ${tag} is there already.`);
	// Only the part that names it: an address may hold a token.
	const remote = addressOf(await git('remote', 'get-url', 'origin').catch(() => ''));
	if (remote !== addressOf(manifest.repository.url)) {
		found.push(
			`git's "origin" (${remote ?? 'none on GitHub'}) is not the repository of package.json: npm would refuse its statement of origin.`,
		);
	}
	return found;
}

function versionsProblems(): string[] {
	if (!/^\d+\.\d+\.\d+$/.test(version)) return [`${version} is no version like 1.2.3.`];
	return version.localeCompare(manifest.version, 'en', { numeric: true }) < 0
		? [`${version} is older than ${manifest.version} in package.json.`]
		: [];
}

/** What the work gives; a complaint becomes one of the problems. */
function attempt<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch (error) {
		problems.push((error as Error).message);
		return undefined;
	}
}
