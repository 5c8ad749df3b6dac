/** The package in a real n8n, used in the browser. The tests build on each other. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { startBrowser } from '../support/chromium.mts';
import { importExample } from '../support/n8n/exampleWorkflow.mts';
import { waitForTrigger } from '../support/n8n/publish.mts';
import { startTestEnvironment, type TestEnvironment } from '../support/n8n/testEnvironment.mts';
import { waitFor } from '../support/waitFor.mts';
import { connectTo, createCallNodes, createCallWorkflow } from './support/callers.mts';
import { EditorPage } from './support/editorPage.mts';
import { takePicture } from './support/pictures.mts';

const ACCESS = { clientId: 'sandbox-app', clientSecret: 'sandbox-secret' };
/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 300_000;
const ELEMENT_MS = 100_000;
const VIEW = { width: 1280, height: 800 };

let environment: TestEnvironment;
let browser: Browser;
let editorPage: EditorPage;

before(
	async () => {
		environment = await startTestEnvironment('browser');
		browser = await startBrowser();
		const page = await browser.newPage({ viewport: VIEW });
		page.setDefaultTimeout(ELEMENT_MS);
		editorPage = new EditorPage(page, environment.n8n.url);
	},
	{ timeout: 1_800_000 },
);

after(async () => {
	await browser?.close();
	await environment?.stop();
});

/** A test that takes a picture of the browser when it fails. */
function browserTest(title: string, run: () => Promise<void>) {
	test(title, { timeout: TEST_MS }, async () => {
		try {
			await run();
		} catch (error) {
			await takePicture(editorPage.page, `failed: ${title}`, { isFailure: true });
			throw error;
		}
	});
}

browserTest('logs in to n8n', async () => {
	await editorPage.logIn(environment.editor.login);
});

browserTest('finds the node when searching for "pbx", "call" and "RingMe"', async () => {
	await editorPage.newWorkflow();
	for (const text of ['pbx', 'call', 'RingMe']) await editorPage.searchNode(text);
	await editorPage.searchNode('pbx');
	await takePicture(editorPage.page, 'find-node');
});

browserTest('shows an icon for the light and one for the dark editor', async () => {
	const panel = editorPage.page.getByTestId('node-creator');
	const icon = (file: string) => panel.locator(`img[src$="/${file}"]`);
	await icon('ringme.svg').first().waitFor();
	await editorPage.page.emulateMedia({ colorScheme: 'dark' });
	await icon('ringme.dark.svg').first().waitFor();
	await takePicture(editorPage.page, 'find-node-dark');
	await editorPage.page.emulateMedia({ colorScheme: 'light' });
	await icon('ringme.svg').first().waitFor();
});

browserTest('creates a credential whose test succeeds', async () => {
	await editorPage.pickAction('Get many extensions');
	await editorPage.nodePanel
		.getByTestId('node-credentials-empty-state')
		.getByRole('button')
		.click();
	await editorPage.saveCredential({ baseUrl: environment.sandbox.url, ...ACCESS });
	// The editor closes a new credential by itself when its test succeeds.
	await editorPage.credentialDialog.waitFor({ state: 'hidden' });
	await editorPage.nodePanel.getByTestId('credential-edit-button').click();
	await editorPage.credentialDialog.getByText('Connection tested successfully').waitFor();
	await editorPage.credentialDialog.getByText('Retry').waitFor();
	const certificateSetting = editorPage.credentialDialog.getByText('Ignore SSL Issues (Insecure)');
	assert.equal(await certificateSetting.count(), 1);
	await takePicture(editorPage.page, 'credential');
});

browserTest('shows why the test of a credential with a wrong secret fails', async () => {
	await editorPage.saveCredential({ clientSecret: 'wrong' });
	await editorPage.credentialDialog.getByText('More details').click();
	await editorPage.credentialDialog.getByText(/Client authentication failed/).waitFor();
	await takePicture(editorPage.page, 'credential-wrong');
	await editorPage.saveCredential({ clientSecret: ACCESS.clientSecret });
	await editorPage.credentialDialog.getByText('Connection tested successfully').waitFor();
	await editorPage.closeCredential();
});

browserTest('shows the record of an extension that was picked from the list', async () => {
	await editorPage.choose('resource', 'Extension');
	await editorPage.choose('operation', 'Get');
	const entries = await editorPage.openList('extensionId');
	assert.ok((await entries.count()) > 10);
	await editorPage.page.getByTestId('rlc-search').fill('sales 2');
	await waitFor('the list to be filtered', async () => (await entries.count()) === 1);
	await takePicture(editorPage.page, 'pick-extension');
	await entries.filter({ hasText: '104 Sales 2' }).click();
	await editorPage.execute();
	const row = editorPage.outputPanel.getByRole('row').filter({ hasText: 'Sales 2' });
	assert.match(await row.innerText(), /85204\s+1844\*104\s+Sales 2\s+phone\s+active/);
});

browserTest('shows all extensions as a table', async () => {
	await editorPage.choose('operation', 'Get Many');
	await editorPage.execute();
	await editorPage.outputPanel
		.getByText(`${environment.sandbox.store.extensions.size} items`)
		.waitFor();
	await editorPage.outputPanel.getByRole('row').filter({ hasText: '1844*101' }).waitFor();
	await takePicture(editorPage.page, 'table');
});

browserTest('has the PBX client among the settings of the node', async () => {
	const { nodePanel } = editorPage;
	const pbxClient = nodePanel.getByTestId('parameter-input-client');
	assert.equal(await pbxClient.isVisible(), false);
	await nodePanel.getByText('Settings', { exact: true }).click();
	await pbxClient.getByRole('textbox').fill('9');
	await nodePanel.getByTestId('node-execute-button').click();
	await editorPage.outputPanel.getByText('The PBX has no such client').waitFor();
});

browserTest('plays a downloaded recording', async () => {
	await editorPage.newWorkflow();
	await editorPage.pickAction('Download recording');
	await (await editorPage.openList('recordUuid')).first().click();
	await editorPage.execute();
	await editorPage.outputPanel.getByTestId('ndv-view-binary-data').click();
	const player = editorPage.outputPanel.locator('audio');
	await player.waitFor();
	const seconds = await waitFor('the browser to know the duration', async () => {
		const duration = await player.evaluate((audio: HTMLAudioElement) => audio.duration);
		return Number.isFinite(duration) && duration;
	});
	const longest = Math.max(
		...environment.sandbox.store.records.list().map((each) => each.duration ?? 0),
	);
	assert.ok(seconds > 0 && seconds < longest + 2, `${seconds} s`);
	await player.evaluate((audio: HTMLAudioElement) => audio.pause());
	await takePicture(editorPage.page, 'recording');
});

// As README.md and docs/ru.md describe it.
browserTest('builds the first workflow, which calls a list of people', async () => {
	const { page } = editorPage;
	const { store, clock } = environment.sandbox;
	await editorPage.newWorkflow();
	await editorPage.pickAction('Create task scheduler');
	await editorPage.fill('taskSchedulerName', 'First list');
	await editorPage.execute();
	const scheduler = store.taskSchedulers.find(({ name }) => name === 'First list');
	assert.ok(scheduler);
	const schedulerId = String(scheduler.id);
	await editorPage.outputPanel.getByText(schedulerId, { exact: true }).first().waitFor();

	const people = ['+447700900111', '+447700900112', '+447700900113'].map((number, index) => ({
		a_number: number,
		b_number: '1844*101',
		first_name: `Person ${index}`,
	}));
	const { id } = await environment.editor.createWorkflow({
		name: 'First workflow',
		nodes: [
			{ type: 'n8n-nodes-base.manualTrigger', name: 'Start', parameters: {} },
			{
				type: 'n8n-nodes-base.code',
				typeVersion: 2,
				name: 'List',
				parameters: { jsCode: `return ${JSON.stringify(people)}.map((json) => ({ json }));` },
			},
		].map((node, index) => ({ ...node, position: [index * 220, 0] })),
		connections: { Start: connectTo('List') },
	});
	await editorPage.openWorkflow(String(id));
	await page.getByTestId('canvas-handle-plus').last().click();
	await editorPage.pickAction('Add tasks to task scheduler', { isAfterNode: true });
	await editorPage.fill('schedulerId', schedulerId);
	await editorPage.choose('unknownFields', 'Store as Variables');
	await editorPage.closeNode();
	await page.getByTestId('execute-workflow-button').click();
	await page.getByText('Workflow executed successfully').waitFor();
	const tasks = store.tasks.filter(({ scheduler_id: of }) => of === scheduler.id);
	assert.deepEqual(
		tasks.map(({ a_number: a, b_number: b, status }) => [a, b, status]),
		people.map(({ a_number: a, b_number: b }) => [a, b, 'scheduled']),
	);

	await editorPage.newWorkflow();
	await editorPage.pickAction('Switch on task scheduler');
	await editorPage.fill('schedulerId', schedulerId);
	await editorPage.execute();
	await clock.advance(3_600_000);
	const results = tasks.map(({ id: task }) => store.tasks.get(task)?.finish_result);
	assert.deepEqual(results, ['success', 'success', 'success']);
});

browserTest('runs the example, which adds a task for every line of the CSV file', async () => {
	const { id } = await importExample(
		environment.editor,
		{ baseUrl: environment.sandbox.url, ...ACCESS },
		environment.data,
	);
	assert.ok(id);
	const sizeBefore = environment.sandbox.store.tasks.size;
	await editorPage.openWorkflow(id);
	await editorPage.page.getByTestId('execute-workflow-button').click();
	await editorPage.page.getByText('Workflow executed successfully').waitFor();
	assert.equal(environment.sandbox.store.tasks.size - sizeBefore, 25);
	// The input of Add Tasks and its output.
	await editorPage.page.getByText('25 items', { exact: true }).nth(1).waitFor();
	await takePicture(editorPage.page, 'outbound-dialing');
});

browserTest('shows the execution that a call started after the trigger was published', async () => {
	await editorPage.newWorkflow();
	await editorPage.pickTrigger('On inbound call');
	await takePicture(editorPage.page, 'trigger');
	await editorPage.closeNode();
	await editorPage.page.getByTestId('workflow-open-publish-modal-button').click();
	await editorPage.page.getByTestId('workflow-publish-button').click();
	await waitForTrigger(environment.sandbox, 1);
	const { telephony } = environment.sandbox;
	await telephony.incomingCall({ from: '+447700900123', to: '101' });
	assert.deepEqual(
		telephony.deliveries.map(({ status }) => status),
		[200],
	);
	await editorPage.page.getByRole('button', { name: 'Got it' }).click();
	await editorPage.page.getByTestId('radio-button-executions').click();
	const executions = editorPage.page
		.getByTestId('current-executions-list')
		.getByTestId(/^execution-details-/);
	await executions.filter({ hasText: 'Succeeded' }).first().waitFor();
	assert.equal(await executions.count(), 1);
	await editorPage.page.getByText('Inbound Call', { exact: true }).waitFor();
	await takePicture(editorPage.page, 'trigger-execution');
});

browserTest('shows the trigger of a call, and the steps of its answer', async () => {
	const { trigger, answer } = await createCallNodes(environment.editor, 3);
	const extension = {
		__rl: true,
		mode: 'list',
		value: '1844*103',
		cachedResultName: '103 Sales 1',
	};
	const steps = [
		{ type: 'say', text: '=Hello {{ $json.fromName }}, one moment please.' },
		{ type: 'transfer', extension, whenNobodyAnswers: 'continue' },
		{ type: 'goToMenuStep', menuContext: '3' },
	];
	const workflow = await createCallWorkflow(
		environment.editor,
		'Answer calls',
		[trigger, answer('Answer', steps)],
		{ [trigger.name]: connectTo('Answer') },
	);
	await editorPage.openWorkflow(String(workflow.id));
	await editorPage.openNode('RingMe Call Trigger');
	await editorPage.nodePanel.getByText('Webhook URLs').click();
	await editorPage.nodePanel.getByTestId('radio-button-production').click();
	await editorPage.nodePanel.getByText(String(trigger.webhookId)).waitFor();
	await takePicture(editorPage.page, 'call-trigger');
	await editorPage.closeNode();
	await editorPage.openNode('Answer');
	await editorPage.nodePanel.getByText('Menu Context').waitFor();
	// All steps are in the picture.
	await editorPage.page.setViewportSize({ ...VIEW, height: 1400 });
	await takePicture(editorPage.page, 'answer');
	await editorPage.page.setViewportSize(VIEW);
	await editorPage.closeNode();
});
