import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Pbx } from '../http/pbx.mts';
import { accessOf } from '../oauth/access.mts';

// The page is for people who try the package without a PBX. It uses the controls and nothing else.

const PAGE_PATH = '/_control/page/';
/** The files, by what follows the path of the page, with their types. */
const FILES: Record<string, [file: string, type: string]> = {
	'': ['page.html', 'text/html'],
	'page.css': ['page.css', 'text/css'],
	'page.mjs': ['page.mjs', 'text/javascript'],
};
/** It loads nothing from elsewhere, and no other page shows it in a frame. */
const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the page, to which the address of the sandbox leads, and what it shows of the access to the PBX. */
export function registerPage(app: FastifyInstance, pbx: Pbx): void {
	app.get('/', (_request, reply) => reply.redirect(PAGE_PATH));
	for (const [path, [file, type]] of Object.entries(FILES)) {
		app.get(PAGE_PATH + path, async (_request, reply) => {
			void reply.headers({
				'content-type': `${type}; charset=utf-8`,
				'content-security-policy': POLICY,
				'cache-control': 'no-store',
				'x-content-type-options': 'nosniff',
			});
			return await readFile(join(import.meta.dirname, file));
		});
	}
	app.get('/_control/access', () => accessOf(pbx));
}
