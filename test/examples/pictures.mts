import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/chromium.mts';
import { ROOT } from '../support/paths.mts';
import type { ExamplesEnvironment } from './environment.mts';

const FOLDER = join(ROOT, 'docs', 'images', 'examples');
const VIEW = { width: 1500, height: 900 };
const MARGIN = 16;
/** Hides the controls over the canvas, which are not part of the workflow. */
const OVERLAY =
	'[data-test-id=canvas-controls], [class*=executionButtons] *, [class*=nodeButtonsWrapper] * { visibility: hidden !important }';

/** Takes the pictures of docs/examples.md: each workflow on n8n's canvas, as it is after choosing credentials. */
export async function takePictures(
	{ editor, importWorkflow }: ExamplesEnvironment,
	files: string[],
): Promise<void> {
	const browser = await startBrowser();
	try {
		await mkdir(FOLDER, { recursive: true });
		const context = await browser.newContext({ viewport: VIEW });
		const { email, password } = editor.login;
		await context.request.post(`${editor.url}/rest/login`, {
			data: { emailOrLdapLoginId: email, password },
		});
		const page = await context.newPage();
		for (const file of files) {
			const { id, nodes } = await importWorkflow(file, { unchanged: true });
			await page.goto(`${editor.url}/workflow/${id}`);
			await page
				.locator('.vue-flow__node')
				.nth(nodes.length - 1)
				.waitFor();
			await page.addStyleTag({ content: OVERLAY });
			// Zooms to fit; the canvas moves there slowly.
			await page.keyboard.press('1');
			await page.waitForTimeout(1_500);
			const path = join(FOLDER, `${basename(file, '.json')}.png`);
			await page.screenshot({ path, clip: await measureNodes(page), animations: 'disabled' });
		}
	} finally {
		await browser.close();
	}
}

/** The part of the page that shows all nodes. */
async function measureNodes(page: Page) {
	const boxes = await page.locator('.vue-flow__node').evaluateAll((nodes) =>
		nodes.map((node) => {
			const { left, top, right, bottom } = node.getBoundingClientRect();
			return { left, top, right, bottom };
		}),
	);
	const x = Math.min(...boxes.map(({ left }) => left)) - MARGIN;
	const y = Math.min(...boxes.map(({ top }) => top)) - MARGIN;
	return {
		x,
		y,
		// The last node has a plus beside it.
		width: Math.max(...boxes.map(({ right }) => right)) - x + 5 * MARGIN,
		height: Math.max(...boxes.map(({ bottom }) => bottom)) - y + MARGIN,
	};
}
