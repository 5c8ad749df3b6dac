import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { execa } from 'execa';
import { chromium, selectors, type Browser } from 'playwright-core';

/** Where Debian's package puts it. */
const DEBIAN = '/usr/bin/chromium';
const APT_TIMEOUT_MS = 5 * 60_000;

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
	if (await isThere(DEBIAN)) return DEBIAN;
	if (process.getuid?.() !== 0 || !(await isThere('/usr/bin/apt-get'))) {
		throw new Error(
			'The browser test needs Chromium: install it (Debian: apt-get install chromium), or put its path into the variable CHROMIUM.',
		);
	}
	say("Installing Debian's Chromium (apt-get install chromium, about 100 MB) ...");
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	for (const args of [
		['update', '-q'],
		['install', '-qy', '--no-install-recommends', 'chromium'],
	]) {
		await execa('apt-get', args, { env, timeout: APT_TIMEOUT_MS });
	}
	return DEBIAN;
}

async function isThere(file: string): Promise<boolean> {
	return await access(file, constants.X_OK).then(
		() => true,
		() => false,
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
