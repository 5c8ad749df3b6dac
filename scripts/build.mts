import { execa } from 'execa';
import { ROOT } from './n8n/folders.mts';
import { telling } from './progress.mjs';

/**
 * Builds the package.
 *
 * @param say gets lines about it, at least every few seconds
 * @param signal ends it early
 */
export async function build(say: (line: string) => void, signal?: AbortSignal): Promise<void> {
	say('Building the package ...');
	const building = execa('npm', ['run', 'build'], { cwd: ROOT, cancelSignal: signal });
	await telling(building, say, () => 'building');
}
