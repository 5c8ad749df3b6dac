import { chromium, selectors, type Browser } from 'playwright-core';
import { findProgram } from './systemPrograms.mts';

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
 * The path of a Chromium: that of the variable CHROMIUM, else the one in PATH.
 *
 * @throws Error that says what to do when there is none
 */
export async function findChromium(): Promise<string> {
	return process.env.CHROMIUM || (await findProgram('chromium'));
}

/** A browser without a window and with a new, empty profile. */
export async function startBrowser(): Promise<Browser> {
	// n8n's editor marks its elements with it.
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({ executablePath: await findChromium(), args: FLAGS });
}
