/** Where things live. Everything under `.local` is git-ignored, made on demand and may be deleted. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const LOCAL = join(ROOT, '.local');
/** What is to be installed: package.json and package-lock.json of a folder that holds n8n. */
export const N8N_RECIPE = join(ROOT, 'scripts', 'n8n', 'host');
/** The installed n8n: the same for every run, 2.9 GB. */
export const N8N_HOST = join(LOCAL, 'n8n');
/** What the user makes in it: workflows, credentials, the login, the encryption key. */
export const N8N_DATA = join(LOCAL, 'n8n-data');
/** Logs of n8n. */
export const LOGS = join(LOCAL, 'logs');
