import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from 'playwright-core';

import { LOGS, ROOT } from '../../../scripts/n8n/folders.mts';

/** Pictures of the README are taken anew with UPDATE_SCREENSHOTS=1. */
const UPDATE = process.env.UPDATE_SCREENSHOTS === '1';

/**
 * Takes a picture of what is to be seen: into `docs/images` when these are to be renewed, else not at all.
 *
 * @param always for a failure: into the folder of the logs, in any case
 */
export async function takePicture(
	page: Page,
	name: string,
	{ always = false } = {},
): Promise<void> {
	if (!UPDATE && !always) return;
	const folder = always ? LOGS : join(ROOT, 'docs', 'images');
	await mkdir(folder, { recursive: true });
	if (!always) await atRest(page);
	const path = join(folder, `${name.replace(/[^\w]+/g, '-')}.png`);
	await page.screenshot({
		path,
		animations: 'disabled',
		// A message in the corner covers what is behind it.
		style: always ? '' : '.el-notification { visibility: hidden }',
	});
	if (always) console.error(`What was to be seen: ${path.slice(ROOT.length)}`);
}

/** Waits until what appears and fades has done so; what turns for ever is let turn. */
async function atRest(page: Page): Promise<void> {
	await page.mouse.move(0, 0);
	await page.evaluate(async () => {
		const passing = document
			.getAnimations()
			.filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
		await Promise.allSettled(passing.map(async ({ finished }) => await finished));
	});
}
