import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Everything that is downloaded or made on demand. Git-ignored; may be deleted. */
export const LOCAL = join(ROOT, '.local');
/** What is installed into `LOCAL`: a package.json and a package-lock.json each. */
export const MANIFESTS = join(ROOT, 'test', 'support', 'manifests');
/** The installed n8n, 2.9 GB, which all runs share. */
export const N8N_DIR = join(LOCAL, 'n8n');
/**
 * One folder per n8n for what it writes: database, encryption key, installed package, and 100 MB of editor bundles.
 * They are below a `node_modules` because ESLint reads every other folder, and n8n's strict lint allows no setting of
 * our own: it would take minutes for the bundles. It is not the project's own `node_modules`, which `npm ci` deletes:
 * workflows made under `npm start` are kept.
 */
export const DATA = join(LOCAL, 'node_modules', 'n8n-data');
/** The data of the n8n of `npm start`. */
export const START_DATA = join(DATA, 'start');
export const LOGS = join(LOCAL, 'logs');
