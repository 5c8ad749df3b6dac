/** The sandbox PBX in a process of its own, as a PBX that does some work for its answers. */
import { startSandbox } from '../sandbox/index.mts';

const sandbox = await startSandbox({ clock: 'virtual' });
process.send?.({ port: Number(new URL(sandbox.url).port) });
process.on('disconnect', () => process.exit());
