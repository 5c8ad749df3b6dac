/** What the changelog says of one version, and what has to be said of the next. */

/**
 * The changelog with the section "Unreleased", if it has one, named for the version.
 *
 * @throws Error when there is nothing about the version
 */
export function withVersion(changelog: string, version: string): string {
	const named = changelog.replace(/^## Unreleased$/im, `## ${version}`);
	if (!sectionOf(named, version)) {
		throw new Error(
			`CHANGELOG.md says nothing about ${version}. Write what users will notice under "## Unreleased".`,
		);
	}
	return named;
}

/** The text under a version's heading, without space around it. */
export function sectionOf(changelog: string, version: string): string {
	const [, ...parts] = changelog.split(/^## /m);
	const part = parts.find((each) => each.split('\n')[0].trim() === version) ?? '';
	return part.split('\n').slice(1).join('\n').trim();
}
