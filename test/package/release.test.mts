import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from '../../scripts/n8n/folders.mts';
import { sectionOf, withVersion } from '../../scripts/release/changelog.mts';
import { addressOf, missing, PLACEHOLDER, type Manifest } from '../../scripts/release/owner.mts';

/** What `npm run release` refuses. */

const home: Manifest = {
	name: 'n8n-nodes-ringme',
	version: '1.0.0',
	homepage: 'https://github.com/example/phones#readme',
	author: { name: 'Ada Example', email: 'ada@example.com' },
	repository: { url: 'git+https://github.com/example/phones.git' },
};
const ticked = '<!-- owner -->\n- [x] One\n- [x] Two\n<!-- /owner -->';
const documented = { 'a.json': 'https://github.com/example/phones#credentials' };

describe('the list of the owner', () => {
	it('is empty when everything is filled in', () => {
		expect(missing({ manifest: home, contributing: ticked, documented })).toEqual([]);
	});

	it.each([
		['repository.url', { repository: { url: `https://${PLACEHOLDER.address}.git` } }],
		['homepage', { homepage: `https://${PLACEHOLDER.address}` }],
		['author.name', { author: { ...home.author, name: PLACEHOLDER.author } }],
		['author.email', { author: { ...home.author, email: PLACEHOLDER.email } }],
	])('has %s while it is that of the template', (field, change) => {
		const manifest = { ...home, ...change };
		const list = missing({ manifest, contributing: ticked, documented });
		expect(list).toEqual([expect.stringContaining(`package.json: ${field} is still`)]);
	});

	it('has every file that still names the address of the template', () => {
		const list = missing({
			manifest: home,
			contributing: ticked,
			documented: { ...documented, 'b.ts': `'https://${PLACEHOLDER.address}#credentials'` },
		});
		expect(list).toEqual([`b.ts: still names ${PLACEHOLDER.address}`]);
	});

	it('has what is not ticked, and a repository that n8n cannot look into', () => {
		const list = missing({
			manifest: { ...home, repository: { url: 'https://git.example.com/phones.git' } },
			contributing: ticked.replace('[x] Two', '[ ] Two'),
			documented,
		});
		expect(list).toEqual([
			'package.json: repository.url is not on GitHub: https://git.example.com/phones.git',
			'CONTRIBUTING.md: not ticked: Two',
		]);
	});

	it('cannot be taken out of CONTRIBUTING.md', async () => {
		expect(() => missing({ manifest: home, contributing: '', documented })).toThrow('no list');
		const contributing = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
		expect(() => missing({ manifest: home, contributing, documented })).not.toThrow();
	});
});

it.each([
	'https://github.com/example/phones.git',
	'git+https://github.com/example/phones.git',
	'https://token@github.com/example/phones',
	'git@github.com:example/phones.git',
])('knows the repository %s', (url) => {
	expect(addressOf(url)).toBe('github.com/example/phones');
});

describe('the changelog', () => {
	const log = '# Changelog\n\n## Unreleased\n\n- Faster.\n\n## 1.0.0\n\nFirst.\n';

	it('names what is unreleased after the version', () => {
		const named = withVersion(log, '1.1.0');
		expect(sectionOf(named, '1.1.0')).toBe('- Faster.');
		expect(sectionOf(named, '1.0.0')).toBe('First.');
	});

	it('must say something about the version', () => {
		expect(() => withVersion('# Changelog\n\n## 1.0.0\n\nFirst.\n', '1.1.0')).toThrow('1.1.0');
		expect(() => withVersion(log.replace('- Faster.\n\n', ''), '1.1.0')).toThrow('1.1.0');
	});
});
