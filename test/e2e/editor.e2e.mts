/** The package in a real n8n, as a person meets it in the browser. The steps build on each other. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { importExample } from '../../scripts/n8n/example.mts';
import { startWorld, type World } from '../../scripts/n8n/world.mts';
import { until } from '../../scripts/until.mts';
import { startBrowser } from './support/chromium.mts';
import { Screen } from './support/editor.mts';
import { takePicture } from './support/pictures.mts';

const ACCESS = { clientId: 'sandbox-app', clientSecret: 'sandbox-secret' };
const STEP_MS = 60_000;

let world: World;
let browser: Browser;
let screen: Screen;

before(
	async () => {
		// The clock stands still: the PBX calls nobody but when it is told to.
		world = await startWorld('browser');
		browser = await startBrowser();
		const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
		page.setDefaultTimeout(20_000);
		screen = new Screen(page, world.n8n.url);
	},
	{ timeout: 600_000 },
);

after(async () => {
	await browser?.close();
	await world?.stop();
});

function step(title: string, run: () => Promise<void>) {
	test(title, { timeout: STEP_MS }, async () => {
		try {
			await run();
		} catch (error) {
			await takePicture(screen.page, `failed: ${title}`, { always: true });
			throw error;
		}
	});
}

step('logs in', async () => {
	await screen.logIn(world.editor.login);
});

step('finds the node by "pbx", "call" and "RingMe"', async () => {
	await screen.newWorkflow();
	for (const words of ['pbx', 'call', 'RingMe']) await screen.searchNode(words);
	await screen.searchNode('pbx');
	await takePicture(screen.page, 'find-node');
});

step('has an icon for the light and one for the dark editor', async () => {
	const panel = screen.page.getByTestId('node-creator');
	const icon = (file: string) => panel.locator(`img[src$="/${file}"]`);
	await icon('ringme.svg').first().waitFor();
	await screen.page.emulateMedia({ colorScheme: 'dark' });
	await icon('ringme.dark.svg').first().waitFor();
	await takePicture(screen.page, 'find-node-dark');
	await screen.page.emulateMedia({ colorScheme: 'light' });
	await icon('ringme.svg').first().waitFor();
});

step('creates the credential, and its test succeeds', async () => {
	await screen.pickAction('Get many extensions');
	await screen.panel.getByTestId('node-credentials-empty-state').getByRole('button').click();
	await screen.saveCredential({ baseUrl: world.sandbox.url, ...ACCESS });
	// The editor closes a new credential by itself when its test succeeds.
	await screen.credential.waitFor({ state: 'hidden' });
	await screen.panel.getByTestId('credential-edit-button').click();
	await screen.credential.getByText('Connection tested successfully').waitFor();
	await screen.credential.getByText('Retry').waitFor();
	await takePicture(screen.page, 'credential');
});

step('a wrong secret fails, and says why', async () => {
	await screen.saveCredential({ clientSecret: 'wrong' });
	await screen.credential.getByText('More details').click();
	await screen.credential.getByText(/Client authentication failed/).waitFor();
	await takePicture(screen.page, 'credential-wrong');
	await screen.saveCredential({ clientSecret: ACCESS.clientSecret });
	await screen.credential.getByText('Connection tested successfully').waitFor();
	await screen.closeCredential();
});

step('picks resource, operation and an extension from the list, and sees the record', async () => {
	await screen.choose('resource', 'Extension');
	await screen.choose('operation', 'Get');
	const entries = await screen.openList('extensionId');
	assert.ok((await entries.count()) > 10);
	await screen.page.getByTestId('rlc-search').fill('sales 2');
	await until('the list has only what was typed', async () => (await entries.count()) === 1);
	await takePicture(screen.page, 'pick-extension');
	await entries.filter({ hasText: '104 Sales 2' }).click();
	await screen.execute();
	const row = screen.output.getByRole('row').filter({ hasText: 'Sales 2' });
	assert.match(await row.innerText(), /85204\s+1844\*104\s+Sales 2\s+phone\s+active/);
});

step('gets all extensions as a table', async () => {
	await screen.choose('operation', 'Get Many');
	await screen.execute();
	await screen.output.getByText(`${world.sandbox.store.extensions.size} items`).waitFor();
	await screen.output.getByRole('row').filter({ hasText: '1844*101' }).waitFor();
	await takePicture(screen.page, 'table');
});

step('downloads a recording that can be played', async () => {
	await screen.newWorkflow();
	await screen.pickAction('Download recording');
	await (await screen.openList('recordUuid')).first().click();
	await screen.execute();
	await screen.output.getByTestId('ndv-view-binary-data').click();
	const player = screen.output.locator('audio');
	await player.waitFor();
	let seconds = NaN;
	await until('the browser knows how long it is', async () => {
		seconds = await player.evaluate((audio: HTMLAudioElement) => audio.duration);
		return Number.isFinite(seconds);
	});
	const longest = Math.max(...world.sandbox.store.records.list().map((each) => each.duration ?? 0));
	assert.ok(seconds > 0 && seconds < longest + 2, `${seconds} s`);
	await player.evaluate((audio: HTMLAudioElement) => audio.pause());
	await takePicture(screen.page, 'recording');
});

step('runs the example: every line of the CSV file becomes a task', async () => {
	const { id } = await importExample(
		world.editor,
		{ baseUrl: world.sandbox.url, ...ACCESS },
		world.data,
	);
	assert.ok(id);
	const before = world.sandbox.store.tasks.size;
	await screen.openWorkflow(id);
	await screen.page.getByTestId('execute-workflow-button').click();
	await screen.page.getByText('Workflow executed successfully').waitFor();
	assert.equal(world.sandbox.store.tasks.size - before, 25);
	// Into Add Tasks and out of it.
	await screen.page.getByText('25 items', { exact: true }).nth(1).waitFor();
	await takePicture(screen.page, 'outbound-dialing');
});

step('the trigger: published, the PBX calls, the execution appears', async () => {
	await screen.newWorkflow();
	await screen.pickTrigger('On incoming call');
	await takePicture(screen.page, 'trigger');
	await screen.closeNode();
	await screen.page.getByTestId('workflow-open-publish-modal-button').click();
	await screen.page.getByTestId('workflow-publish-button').click();
	await until('the PBX knows where to tell', () => world.sandbox.store.phoneEvents.size > 0);
	// n8n answers first, then registers on the PBX, and last keeps the secret that the deliveries bring.
	const { telephony } = world.sandbox;
	await until('n8n takes the call', async () => {
		await telephony.incomingCall({ from: '+447700900123', to: '101' });
		return telephony.deliveries.at(-1)?.status === 200;
	});
	await screen.page.getByRole('button', { name: 'Got it' }).click();
	await screen.page.getByTestId('radio-button-executions').click();
	const executions = screen.page
		.getByTestId('current-executions-list')
		.getByTestId(/^execution-details-/);
	await executions.filter({ hasText: 'Succeeded' }).first().waitFor();
	const taken = telephony.deliveries.filter(({ status }) => status === 200);
	assert.equal(await executions.count(), taken.length);
	await screen.page.getByText('Inbound Call', { exact: true }).waitFor();
	await takePicture(screen.page, 'trigger-execution');
});
