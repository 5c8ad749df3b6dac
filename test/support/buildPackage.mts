import { execa } from 'execa';
import { ROOT } from './paths.mts';
import { withProgress } from './withProgress.mjs';

/**
 * Builds the package into `dist/`.
 *
 * @param signal ends it early
 * @throws Error with the compiler's output when it fails
 */
export async function buildPackage(
	log: (line: string) => void,
	signal?: AbortSignal,
): Promise<void> {
	log('Building the package ...');
	const build = execa('npm', ['run', 'build'], { cwd: ROOT, cancelSignal: signal });
	await withProgress(build, log, () => 'building');
}
