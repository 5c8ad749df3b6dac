import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from '../../test/support/paths.mts';
import { readSection, withVersion } from './changelog.mts';
import { gitHubAddress, PLACEHOLDER, releaseChecklist, type Manifest } from './checklist.mts';

const manifest: Manifest = {
	name: 'n8n-nodes-ringme',
	version: '1.0.0',
	homepage: 'https://github.com/example/phones#readme',
	author: { name: 'Ada Example', email: 'ada@example.com' },
	repository: { url: 'git+https://github.com/example/phones.git' },
};
const ticked = '<!-- owner -->\n- [x] One\n- [x] Two\n<!-- /owner -->';
const documented = { 'a.json': 'https://github.com/example/phones#credentials' };

describe('the release checklist', () => {
	it('is empty when everything is filled in', () => {
		expect(releaseChecklist({ manifest, contributing: ticked, documented })).toEqual([]);
	});

	it.each([
		['repository.url', { repository: { url: `https://${PLACEHOLDER.address}.git` } }],
		['homepage', { homepage: `https://${PLACEHOLDER.address}` }],
		['author.name', { author: { ...manifest.author, name: PLACEHOLDER.author } }],
		['author.email', { author: { ...manifest.author, email: PLACEHOLDER.email } }],
	])('contains %s while it is a placeholder', (field, change) => {
		const changed = { ...manifest, ...change };
		const list = releaseChecklist({ manifest: changed, contributing: ticked, documented });
		expect(list).toEqual([expect.stringContaining(`package.json: ${field} is still`)]);
	});

	it('contains every file that still names the placeholder address', () => {
		const list = releaseChecklist({
			manifest,
			contributing: ticked,
			documented: { ...documented, 'b.ts': `'https://${PLACEHOLDER.address}#credentials'` },
		});
		expect(list).toEqual([`b.ts: still names ${PLACEHOLDER.address}`]);
	});

	it('contains what is not ticked, and a repository that is not on GitHub', () => {
		const list = releaseChecklist({
			manifest: { ...manifest, repository: { url: 'https://git.example.com/phones.git' } },
			contributing: ticked.replace('[x] Two', '[ ] Two'),
			documented,
		});
		expect(list).toEqual([
			'package.json: repository.url is not on GitHub: https://git.example.com/phones.git',
			'CONTRIBUTING.md: not ticked: Two',
		]);
	});

	it('fails when CONTRIBUTING.md has no list', async () => {
		expect(() => releaseChecklist({ manifest, contributing: '', documented })).toThrow('no list');
		const contributing = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
		expect(() => releaseChecklist({ manifest, contributing, documented })).not.toThrow();
	});
});

it.each([
	'https://github.com/example/phones.git',
	'git+https://github.com/example/phones.git',
	'https://token@github.com/example/phones',
	'git@github.com:example/phones.git',
])('finds the GitHub address in %s', (url) => {
	expect(gitHubAddress(url)).toBe('github.com/example/phones');
});

describe('the changelog', () => {
	const log = '# Changelog\n\n## Unreleased\n\n- Faster.\n\n## 1.0.0\n\nFirst.\n';

	it('gets the version as the title of its unreleased section', () => {
		const renamed = withVersion(log, '1.1.0');
		expect(readSection(renamed, '1.1.0')).toBe('- Faster.');
		expect(readSection(renamed, '1.0.0')).toBe('First.');
	});

	it('is refused when it says nothing about the version', () => {
		expect(() => withVersion('# Changelog\n\n## 1.0.0\n\nFirst.\n', '1.1.0')).toThrow('1.1.0');
		expect(() => withVersion(log.replace('- Faster.\n\n', ''), '1.1.0')).toThrow('1.1.0');
	});
});
