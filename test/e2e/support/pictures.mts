import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from 'playwright-core';

import { LOGS, ROOT } from '../../support/paths.mts';

const UPDATE = process.env.UPDATE_SCREENSHOTS === '1';

/**
 * Takes a picture of the page for the docs, into `docs/images`, if UPDATE_SCREENSHOTS=1.
 *
 * @param isFailure takes it in any case, into the folder of the logs
 */
export async function takePicture(
	page: Page,
	name: string,
	{ isFailure = false } = {},
): Promise<void> {
	if (!UPDATE && !isFailure) return;
	const folder = isFailure ? LOGS : join(ROOT, 'docs', 'images');
	await mkdir(folder, { recursive: true });
	if (!isFailure) await waitForAnimations(page);
	const path = join(folder, `${name.replace(/[^\w]+/g, '-')}.png`);
	await page.screenshot({
		path,
		animations: 'disabled',
		// Messages in the corner would cover parts of the editor.
		style: isFailure ? '' : '.el-notification { visibility: hidden }',
	});
	if (isFailure) console.error(`Screenshot: ${path.slice(ROOT.length)}`);
}

/** Waits for all animations but endless ones. */
async function waitForAnimations(page: Page): Promise<void> {
	await page.mouse.move(0, 0);
	await page.evaluate(async () => {
		const finite = document
			.getAnimations()
			.filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
		await Promise.allSettled(finite.map(async ({ finished }) => await finished));
	});
}
