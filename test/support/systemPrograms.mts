import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/**
 * The path of a program that the tests need and npm does not bring.
 *
 * @param folders to look in before those of PATH
 * @throws Error that names the command which installs it
 */
export async function findProgram(name: string, folders: string[] = []): Promise<string> {
	const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
	for (const folder of [...folders, ...path]) {
		const file = join(folder, name);
		const isExecutable = await access(file, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (isExecutable) return file;
	}
	throw new Error(
		`${name} is not installed. On Debian and Ubuntu \`npm run setup:system\` installs what the tests need.`,
	);
}
