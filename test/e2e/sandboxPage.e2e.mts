/** The page of the sandbox PBX, used in the browser as a person does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import { APPLICATIONS, STATIC_TOKEN } from '../../sandbox/oauth/tokens.mts';
import { startBrowser } from '../support/chromium.mts';
import { startTestServer } from '../support/testServer.mts';
import { waitFor } from '../support/waitFor.mts';
import { takePicture } from './support/pictures.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 300_000;
const ELEMENT_MS = 100_000;
/** A caller may call himself anything. */
const HOSTILE = '<img src=x onerror="document.title=1"><b>Bold</b>';

let sandbox: Sandbox;
let browser: Browser;
let page: Page;
/** What a workflow would be: gets the webhooks, and answers the menu. */
let receiver: Awaited<ReturnType<typeof startTestServer>>;
let answers: string[] = [];
const received: URLSearchParams[] = [];
const problems: string[] = [];
const foreignRequests: string[] = [];

before(
	async () => {
		sandbox = await startSandbox({ clock: 'real' });
		receiver = await startTestServer(async (request, response) => {
			received.push(new URLSearchParams(request.body));
			response.end(request.path.startsWith('/menu') ? answers.shift() : '');
		});
		browser = await startBrowser();
		page = await browser.newPage({ viewport: { width: 1280, height: 1500 } });
		page.setDefaultTimeout(ELEMENT_MS);
		page.on('pageerror', (error) => problems.push(error.message));
		page.on('console', (message) => {
			if (message.type() === 'error') problems.push(message.text());
		});
		page.on('request', (request) => {
			const url = request.url();
			if (!url.startsWith(sandbox.url) && !url.startsWith('data:')) foreignRequests.push(url);
		});
		await page.goto(sandbox.url);
	},
	{ timeout: TEST_MS },
);

after(async () => {
	await browser?.close();
	await receiver?.stop();
	await sandbox?.stop();
});

/** A test that takes a picture of the browser when it fails. */
function browserTest(title: string, run: () => Promise<void>) {
	test(title, { timeout: TEST_MS }, async () => {
		try {
			await run();
		} catch (error) {
			await takePicture(page, `failed: ${title}`, { isFailure: true });
			throw error;
		}
	});
}

/** A part of the page, by its heading. */
const section = (name: string) => page.getByRole('region', { name, exact: true });
const clickIn = async (region: string, button: string) =>
	await section(region).getByRole('button', { name: button, exact: true }).click();
const seeIn = async (region: string, text: string | RegExp) =>
	await section(region).getByText(text).first().waitFor();
const api = async (method: string, path: string, body: object) => {
	const response = await fetch(`${sandbox.url}/api/ver1.0/client/@me/${path}`, {
		method,
		headers: { authorization: `Bearer ${STATIC_TOKEN}`, 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	assert.ok(response.ok, await response.text());
};

browserTest('shows the ID and the secret for a credential, and today', async () => {
	const [{ id, secret }] = APPLICATIONS;
	const access = section('Credential');
	await access.getByLabel('Application ID', { exact: true }).waitFor();
	const valueOf = async (label: string) =>
		await access.getByRole('textbox', { name: label, exact: true }).inputValue();
	assert.deepEqual(
		[
			await valueOf('Base URL'),
			await valueOf('Application ID'),
			await valueOf('Application secret'),
		],
		[sandbox.url, id, secret],
	);
	const clock = await page.locator('#clock').innerText();
	assert.ok(Math.abs(Date.parse(clock) - Date.now()) < 86_400_000, clock);
});

browserTest('says that nobody waits for a call', async () => {
	await clickIn('Inbound call', 'Call');
	await seeIn('Inbound call', /No webhook was sent/);
	await seeIn('What the PBX sends', /None yet/);
});

browserTest('makes a call and a missed call, and shows what the PBX sends', async () => {
	for (const event_type of ['dial-in', 'answer', 'hangup', 'voicemail', 'message-in']) {
		await api('POST', 'phone_events/', { url: receiver.url, method: 'POST', event_type });
	}
	await section('Inbound call').getByLabel("Caller's name").fill(HOSTILE);
	await section('Inbound call').getByLabel('Phone that rings').selectOption('103 Sales 1');
	await clickIn('Inbound call', 'Call');
	await seeIn('Inbound call', /sent 3 webhooks: dial-in \(200 in \d+ ms\), answer/);
	assert.equal(received.at(-1)?.get('CallStatus'), 'ANSWER');
	assert.match(received.at(-1)?.get('CalledExtension') ?? '', /^1844\*103@/);
	await clickIn('Inbound call', 'Call that nobody answers');
	await seeIn('Inbound call', /sent 2 webhooks: dial-in \(200 in \d+ ms\), hangup/);
	assert.equal(received.at(-1)?.get('CallStatus'), 'CANCEL');
	const deliveries = section('What the PBX sends').getByRole('listitem');
	assert.equal(await deliveries.count(), 5);
	assert.match(await deliveries.last().innerText(), /dial-in 447700900123 → 103/);
	await deliveries.last().locator('summary').click();
	await deliveries.last().getByText(HOSTILE, { exact: true }).waitFor();
	assert.equal(await page.locator('img, main b').count(), 0);
});

browserTest('has an active call while a call takes its time', async () => {
	const call = section('Inbound call');
	await call.getByLabel('Takes its time').check();
	await clickIn('Inbound call', 'Call');
	await waitFor('the call to be active', () => sandbox.telephony.calls.current().length === 1);
	await seeIn('Inbound call', 'The phone rings …');
	await sandbox.clock.advance(3_600_000);
	await seeIn('Inbound call', /sent 3 webhooks/);
	await call.getByLabel('Takes its time').uncheck();
});

browserTest('leaves a voicemail and sends a text message', async () => {
	await clickIn('Voicemail', 'Leave a voicemail');
	await seeIn('Voicemail', /sent 1 webhook: voicemail/);
	await section('Text message')
		.getByRole('textbox', { name: 'Text', exact: true })
		.fill('Hello <b>you</b>');
	await clickIn('Text message', 'Send to the PBX');
	await seeIn('Text message', /sent 1 webhook: message-in/);
	assert.equal(received.at(-1)?.get('text'), 'Hello <b>you</b>');
});

browserTest('shows what a caller of the voice menu heard, and what was asked', async () => {
	answers = [
		'<Response><TTS>Press 1 or 2</TTS></Response>',
		'<Response><TTS>Two: sales &amp; more</TTS><SimpleTransfer>104</SimpleTransfer></Response>',
	];
	const menu = section('Call to the voice menu');
	await menu.getByLabel('Address that the menu asks').fill(`${receiver.url}/menu`);
	await menu.getByLabel('What the caller types or says').fill('2');
	await clickIn('Call to the voice menu', 'Call the menu');
	await menu.getByText('What the caller heard').waitFor();
	const heard = await menu.locator('#heard').getByRole('listitem').allInnerTexts();
	assert.deepEqual(heard.slice(0, 2), ['“Press 1 or 2”', '“Two: sales & more”']);
	assert.match(heard[2], /^Ringing at 104 for \d+ seconds?$/);
	assert.match(heard[3], /^104 picks up, and talks for \d+ seconds?$/);
	assert.equal(received.at(-1)?.get('EventType') ?? received.at(-2)?.get('EventType'), 'hangup');
	await menu.locator('#heard summary').last().click();
	await menu.getByText('<SimpleTransfer>104</SimpleTransfer>').waitFor();
});

browserTest('says why a call to the voice menu does not work', async () => {
	const menu = section('Call to the voice menu');
	await menu.getByLabel('Address that the menu asks').fill('http://127.0.0.1:9/menu');
	await menu.getByLabel('What the caller types or says').fill('');
	await clickIn('Call to the voice menu', 'Call the menu');
	await menu.locator('#heard').getByText('Response: ECONNREFUSED').waitFor();
});

browserTest('says why a call is not possible', async () => {
	const phone = sandbox.store.extensions.find(({ label }) => label === 'Warehouse');
	sandbox.store.extensions.delete(phone?.id ?? 0);
	await section('Inbound call').getByLabel('Phone that rings').selectOption('112 Warehouse');
	await clickIn('Inbound call', 'Call');
	await seeIn('Inbound call', 'That did not work: There is no extension 1844*112');
});

browserTest('logs an agent out and in, with the keyboard', async () => {
	const agent = sandbox.store.agents.list().find(({ name }) => name === 'Sam');
	assert.ok(agent);
	for (const event_type of ['agent-login', 'agent-logout']) {
		const body = { url: receiver.url, method: 'POST', event_type };
		await api('POST', `agent/local/${agent.id}/event/`, body);
	}
	await section('Agents').getByRole('button', { name: 'Log Sam out' }).focus();
	await page.keyboard.press('Enter');
	await seeIn('Agents', /sent 1 webhook: agent-logout/);
	assert.equal(sandbox.store.agents.get(agent.id)?.status, 'logged_out');
	await section('Agents').getByRole('button', { name: 'Log Sam in' }).waitFor();
	// The focus stays, so that the next key is for the same agent.
	await page.keyboard.press('Enter');
	await seeIn('Agents', /sent 1 webhook: agent-login/);
	assert.equal(sandbox.store.agents.get(agent.id)?.status, 'available');
});

browserTest('shows how far the tasks are, and finishes those that wait', async () => {
	const numbers = ['11', '12', '13', '14', '17', '18'];
	const tasks = numbers.map((n) => ({
		a_number: `4477009000${n}`,
		b_number: '1844*101',
		try_count: 2,
		try_again_pause: 600,
		url_after: receiver.url,
	}));
	await api('POST', 'task_scheduler/1/tasks/', { tasks });
	const bar = page.getByRole('progressbar', { name: 'Finished tasks of Spring campaign' });
	await seeIn('Task schedulers', /0 of 6 tasks finished/);
	assert.deepEqual([await bar.getAttribute('max'), await bar.getAttribute('value')], ['6', '0']);
	await clickIn('Task schedulers', 'Finish the waiting tasks');
	await seeIn('Task schedulers', 'Done. No task is waiting.');
	await seeIn('Task schedulers', /6 of 6 tasks finished · 5 succeeded · 1 failed/);
	assert.equal(await bar.getAttribute('value'), '6');
	assert.equal(received.filter((fields) => fields.has('task_id')).length, 6);
	await seeIn('What the PBX sends', /task \d+ after/);
});

/** How bright a color is, as WCAG 2.2 computes it. */
function luminance(color: string): number {
	const [r, g, b] = (color.match(/[\d.]+/g) ?? []).map((part) => {
		const share = Number(part) / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

browserTest('is readable in light and in dark', async () => {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		const texts = page.locator('h1, p, label, input, button, summary, .status, output, dt, dd');
		const colors = await texts.evaluateAll((elements) =>
			elements.map((each) => {
				let behind: Element = each;
				while (
					behind.parentElement &&
					getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)'
				) {
					behind = behind.parentElement;
				}
				return [getComputedStyle(each).color, getComputedStyle(behind).backgroundColor];
			}),
		);
		for (const pair of colors) {
			const [dark, light] = pair.map(luminance).sort((a, b) => a - b);
			// What WCAG 2.2 asks of text.
			assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, `${colorScheme}: ${pair.join(' on ')}`);
		}
	}
	await page.emulateMedia({ colorScheme: 'light' });
});

browserTest('can be used with the keyboard alone, and each field has a name', async () => {
	const controls = page.locator('main').locator('button, input, select, textarea');
	const unnamed = await controls.evaluateAll(
		(elements) =>
			elements.filter((each) => {
				const { labels } = each as HTMLInputElement;
				return !each.ariaLabel && !labels?.[0]?.innerText && !each.textContent;
			}).length,
	);
	assert.equal(unnamed, 0);
	const count = await controls.count();
	const reached = new Set<number>();
	await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
	for (let n = 0; n < count + 60; n++) {
		await page.keyboard.press('Tab');
		reached.add(
			await controls.evaluateAll((elements) =>
				elements.findIndex((each) => each === document.activeElement),
			),
		);
	}
	reached.delete(-1);
	assert.equal(reached.size, count);
});

browserTest('says when the sandbox is gone, and goes on with the next one', async () => {
	const port = Number(new URL(sandbox.url).port);
	assert.deepEqual(
		problems.splice(0).filter((text) => !/400 \(Bad Request\)/.test(text)),
		[],
	);
	await sandbox.stop();
	await page.getByRole('alert').getByText('The sandbox does not respond').waitFor();
	sandbox = await startSandbox({ clock: 'real', port });
	await page.getByRole('alert').waitFor({ state: 'hidden' });
	await seeIn('What the PBX sends', /None yet/);
	assert.deepEqual(foreignRequests, []);
});
