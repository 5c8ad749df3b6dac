import { chromium, selectors, type Browser } from 'playwright-core';

import { fromDebian, isThere } from './debian.mts';

/** Where Debian's package puts it. */
const DEBIAN = '/usr/bin/chromium';

/** What a browser does by itself (updates, synchronisation) has no place in a test. */
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/**
 * The path of a Chromium: that of the variable CHROMIUM, else Debian's, which is installed when it is missing
 * and this is Debian's superuser.
 *
 * @throws Error that says what to do when there is none
 */
export async function findChromium(say: (line: string) => void): Promise<string> {
	const { CHROMIUM } = process.env;
	if (CHROMIUM) return CHROMIUM;
	return await fromDebian(
		async () => ((await isThere(DEBIAN)) ? DEBIAN : undefined),
		['chromium'],
		'The browser test needs Chromium: install it (Debian: apt-get install chromium), or put its path into the variable CHROMIUM.',
		say,
	);
}

/** A browser without a window and with a new, empty profile. */
export async function startBrowser(): Promise<Browser> {
	// n8n's editor marks its elements with it.
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({
		executablePath: await findChromium(console.log),
		args: FLAGS,
	});
}
