/**
 * `npm run test:docker`: the checks of `npm run test:compat` in n8n's Docker image, the only way to run n8n 3. The
 * package is in it as n8n's own installation leaves it: the contents of the packed archive. Needs Docker on Linux.
 *
 * The image is that of the newest tested version, or the argument: `npm run test:docker --
 * docker.n8n.io/n8nio/n8n:stable`. Exit status 1 if a check fails.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { startSandbox } from '../sandbox/index.mts';
import { runChecks } from '../test/compat/checks.mts';
import { buildPackage } from '../test/support/buildPackage.mts';
import { CleanupStack } from '../test/support/cleanupStack.mts';
import { Editor } from '../test/support/n8n/editor.mts';
import { readNewestVersion } from '../test/support/n8n/installN8n.mts';
import { installPackage } from '../test/support/n8n/installPackage.mts';
import { startContainer } from '../test/support/n8n/startContainer.mts';
import { DATA } from '../test/support/paths.mts';

const image = process.argv[2] ?? `docker.n8n.io/n8nio/n8n:${await readNewestVersion()}`;
const data = join(DATA, 'docker');
const cleanups = new CleanupStack();
let results: string[];

await buildPackage(console.log);
try {
	await rm(data, { recursive: true, force: true });
	await installPackage(data);
	const sandbox = cleanups.add(await startSandbox({ clock: 'virtual', start: Date.now() }));
	const ports = { editor: await getPort(), broker: await getPort() };
	const n8n = cleanups.add(await startContainer(image, ports, data, console.log));
	const editor = await Editor.open(n8n.url, data);
	results = await runChecks(image, { editor, sandbox });
} finally {
	await cleanups.stopAll();
}
process.exit(results.includes('failed') ? 1 : 0);
