/** How much code is shipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface CodeFile {
	/** From the project's root. */
	path: string;
	lines: number;
}

/** Every TypeScript file that is compiled into the package. */
export const shippedFiles = (): CodeFile[] =>
	['credentials', 'nodes'].flatMap((folder) =>
		readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
			.filter((path) => path.endsWith('.ts'))
			.map((path) => join(folder, path))
			.map((path) => ({
				path: path.replaceAll('\\', '/'),
				lines: readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1,
			})),
	);
