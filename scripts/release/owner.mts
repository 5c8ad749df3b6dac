/** What the owner of the project fills in before the first release: the list in CONTRIBUTING.md. */

/** What the project was given before it had a home. */
export const PLACEHOLDER = {
	address: 'github.com/n8n-nodes-ringme/n8n-nodes-ringme',
	author: 'n8n-nodes-ringme contributors',
	email: 'n8n-nodes-ringme@users.noreply.github.com',
};

export interface Manifest {
	name: string;
	version: string;
	homepage: string;
	author: { name: string; email: string };
	repository: { url: string };
}

/** The texts that are looked at. */
export interface Papers {
	manifest: Manifest;
	contributing: string;
	/** Files that name the address of the documentation, by path */
	documented: Record<string, string>;
}

/** @returns what is still to be filled in, for a person to read; empty: nothing */
export function missing({ manifest, contributing, documented }: Papers): string[] {
	const { homepage, author, repository } = manifest;
	const address = addressOf(repository.url);
	const still = (field: string, value: string, placeholder: string) =>
		value.includes(placeholder) ? [`package.json: ${field} is still ${value}`] : [];
	const homeless = Object.entries(documented)
		.filter(([, text]) => text.includes(PLACEHOLDER.address))
		.map(([path]) => `${path}: still names ${PLACEHOLDER.address}`);
	const open = ownerList(contributing).filter((line) => line.startsWith('- [ ]'));
	return [
		...still('repository.url', repository.url, PLACEHOLDER.address),
		...still('homepage', homepage, PLACEHOLDER.address),
		...still('author.name', author.name, PLACEHOLDER.author),
		...still('author.email', author.email, PLACEHOLDER.email),
		...(address ? [] : [`package.json: repository.url is not on GitHub: ${repository.url}`]),
		...homeless,
		...open.map((line) => `CONTRIBUTING.md: not ticked: ${line.replace('- [ ] ', '')}`),
	];
}

/** `github.com/owner/name`, of any spelling of a repository's address on GitHub. */
export const addressOf = (url: string) =>
	/github\.com[/:]([\w.-]+\/[\w.-]+?)(\.git)?$/
		.exec(url)?.[0]
		.replace(':', '/')
		.replace(/\.git$/, '');

/** @throws Error when the marks around the list are gone */
function ownerList(contributing: string): string[] {
	const list = /<!-- owner -->([^]*?)<!-- \/owner -->/.exec(contributing)?.[1];
	if (list === undefined) throw new Error('CONTRIBUTING.md has no list for the owner any more.');
	return list.split('\n').filter((line) => line.startsWith('- ['));
}
