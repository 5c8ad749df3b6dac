/** What stood in the project before its owner was known. */
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

/** The contents of the files that the checklist is about. */
export interface ReleaseFiles {
	manifest: Manifest;
	contributing: string;
	/** Files with the address of the documentation, by path */
	documented: Record<string, string>;
}

/**
 * What the owner still has to fill in before the first release: see CONTRIBUTING.md.
 *
 * @throws Error when CONTRIBUTING.md has no checklist
 */
export function releaseChecklist({ manifest, contributing, documented }: ReleaseFiles): string[] {
	const { homepage, author, repository } = manifest;
	const placeholderFields = [
		{ field: 'repository.url', value: repository.url, placeholder: PLACEHOLDER.address },
		{ field: 'homepage', value: homepage, placeholder: PLACEHOLDER.address },
		{ field: 'author.name', value: author.name, placeholder: PLACEHOLDER.author },
		{ field: 'author.email', value: author.email, placeholder: PLACEHOLDER.email },
	].filter(({ value, placeholder }) => value.includes(placeholder));
	const placeholderFiles = Object.entries(documented)
		.filter(([, text]) => text.includes(PLACEHOLDER.address))
		.map(([path]) => path);
	const isOnGitHub = gitHubAddress(repository.url) !== undefined;
	const unticked = checklistLines(contributing).filter((line) => line.startsWith('- [ ]'));
	return [
		...placeholderFields.map(({ field, value }) => `package.json: ${field} is still ${value}`),
		...(isOnGitHub ? [] : [`package.json: repository.url is not on GitHub: ${repository.url}`]),
		...placeholderFiles.map((path) => `${path}: still names ${PLACEHOLDER.address}`),
		...unticked.map((line) => `CONTRIBUTING.md: not ticked: ${line.replace('- [ ] ', '')}`),
	];
}

/** `github.com/owner/name` of a repository's URL in any notation; undefined if it is not on GitHub. */
export const gitHubAddress = (url: string) =>
	/github\.com[/:]([\w.-]+\/[\w.-]+?)(\.git)?$/
		.exec(url)?.[0]
		.replace(':', '/')
		.replace(/\.git$/, '');

function checklistLines(contributing: string): string[] {
	const list = /<!-- owner -->([^]*?)<!-- \/owner -->/.exec(contributing)?.[1];
	if (list === undefined) throw new Error('CONTRIBUTING.md has no list for the owner any more.');
	return list.split('\n').filter((line) => line.startsWith('- ['));
}
