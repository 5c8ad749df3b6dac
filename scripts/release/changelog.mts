/**
 * The changelog with its section "Unreleased", if it has one, renamed to the version.
 *
 * @throws Error when there is no text about the version
 */
export function withVersion(changelog: string, version: string): string {
	const renamed = changelog.replace(/^## Unreleased$/im, `## ${version}`);
	if (!readSection(renamed, version)) {
		throw new Error(
			`CHANGELOG.md says nothing about ${version}. Write what users will notice under "## Unreleased".`,
		);
	}
	return renamed;
}

/** The text under a version's heading, trimmed; empty if there is none. */
export function readSection(changelog: string, version: string): string {
	const [, ...sections] = changelog.split(/^## /m);
	const section = sections.find((each) => each.split('\n')[0].trim() === version) ?? '';
	return section.split('\n').slice(1).join('\n').trim();
}
