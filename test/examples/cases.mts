import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
	describeFailure,
	type Editor,
	type RunResult,
	type Workflow,
} from '../support/n8n/editor.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import { mp3Of } from '../../sandbox/state/audio.mts';
import type { Task } from '../../sandbox/state/types.mts';
import type { Leg, MenuCallOptions, MenuCallRecord } from '../../sandbox/telephony/index.mts';
import { heardBy } from '../support/heardBy.mts';
import { publishCallTrigger, publishForTasks, publishPolling } from '../support/n8n/publish.mts';
import type { TestServer } from '../support/testServer.mts';
import { waitFor } from '../support/waitFor.mts';
import { CALL_LIST, TIME_ZONE, type ExamplesEnvironment } from './environment.mts';

const HOUR_MS = 3_600_000;
/** Lines of examples/people.csv. */
const PEOPLE = 25;
/** Longer than it takes to call everybody on the list, with all attempts and retry intervals. */
const CAMPAIGN_MS = 6 * HOUR_MS;

type Case = (environment: ExamplesEnvironment, file: string) => Promise<void>;

/** What each example has to achieve, by file. A case fails by throwing. */
export const cases: Record<string, Case> = {
	async 'outbound-dialing.json'({ importWorkflow, editor, sandbox }, file) {
		const before = new Set(sandbox.store.tasks.list().map(({ id }) => id));
		assertSucceeded(await editor.run(await importWorkflow(file)));
		const added = sandbox.store.tasks.filter(({ id }) => !before.has(id));
		assert.equal(added.length, PEOPLE);
		assert.deepEqual(added[0].variables, { appointment: 'Tuesday 10:00' });
		await sandbox.clock.advance(CAMPAIGN_MS);
		const statuses = new Set(added.map(({ id }) => sandbox.store.tasks.get(id)?.status));
		assert.deepEqual([...statuses], ['finished']);
	},

	async 'outbound-dialing-results.json'(
		{ importWorkflow, createCallList, editor, sandbox, readRows, waitForRuns },
		file,
	) {
		await createCallList();
		const workflow = await importWorkflow(file);
		const url = await publishForTasks(editor, workflow, editor.url);
		assertSucceeded(await editor.run(workflow));
		assert.ok((await readRows(CALL_LIST)).every(({ status }) => !status));
		const { status } = await fetch(`${url}?report=forged`, { method: 'POST' });
		assert.equal(status, 401);

		await sandbox.clock.advance(CAMPAIGN_MS);
		const runs = await waitForRuns(workflow, PEOPLE);
		runs.forEach(assertSucceeded);
		const rows = await readRows(CALL_LIST);
		assert.deepEqual(runs.map(keyOf).sort(), rows.map(({ id }) => id).sort());
		assertResults(rows, sandbox.store.tasks.list().slice(-PEOPLE));
		await editor.unpublish(workflow);
	},

	async 'outbound-dialing-check-results.json'(
		{ importWorkflow, createCallList, editor, sandbox, readRows },
		file,
	) {
		await createCallList();
		const workflow = await changeNode(editor, await importWorkflow(file), 'Wait', {
			amount: 1,
			unit: 'seconds',
		});
		const running = editor.run(workflow);
		const checks = () => sandbox.journal.find('GET', '/task/');
		// Nobody has been called yet: every call is asked for more than once.
		await waitFor('a second check', () => checks().length > PEOPLE);
		assert.ok((await readRows(CALL_LIST)).every(({ status }) => !status));
		await sandbox.clock.advance(CAMPAIGN_MS);
		assertSucceeded(await running);
		const rows = await readRows(CALL_LIST);
		assertResults(rows, sandbox.store.tasks.list().slice(-PEOPLE));

		// A second run calls nobody again.
		assertSucceeded(await editor.run(workflow));
		assert.equal(sandbox.journal.find('POST', '/tasks/').length, 1);
	},

	async 'call-one-lead.json'({ importWorkflow, editor, sandbox, mail, waitForRuns }, file) {
		const workflow = await importWorkflow(file);
		await editor.publish(workflow);
		const url = `${editor.url}/form/call-me-back`;
		await waitFor('the form', async () => (await fetch(url)).ok);
		const leads = { Alice: '+44 7700 900121', Bob: '+44 7700 900129' };
		const tasks = () => sandbox.store.tasks.list().slice(-Object.keys(leads).length);
		const before = sandbox.store.tasks.size;
		for (const [name, number] of Object.entries(leads)) {
			const body = new FormData();
			body.set('field-0', name);
			body.set('field-1', number);
			assert.equal((await fetch(url, { method: 'POST', body })).status, 200);
		}
		await waitFor('both calls', () => sandbox.store.tasks.size === before + 2);
		await waitFor('both executions to wait', async () => {
			const { results } = await editor.send<{ results: Array<{ status: string }> }>(
				'GET',
				`/executions?filter=${encodeURIComponent(JSON.stringify({ workflowId: workflow.id }))}`,
			);
			return results.filter(({ status }) => status === 'waiting').length === 2;
		});
		await sandbox.clock.advance(HOUR_MS / 2);
		(await waitForRuns(workflow, 2)).forEach(assertSucceeded);
		assert.deepEqual(
			new Map(tasks().map(({ name, finish_result: result }) => [name, result])),
			new Map([
				['Alice', 'success'],
				['Bob', 'failed'],
			]),
		);
		const [message, ...others] = mail.mails.splice(0);
		assert.equal(others.length, 0);
		assert.equal(message.subject, 'Please call Bob');
		const comment = tasks().find(({ name }) => name === 'Bob')?.finish_comment;
		assert.equal(message.text.trim(), `Number: ${leads.Bob}\nCall: ${comment}`);
		await editor.unpublish(workflow);
	},

	async 'missed-call-to-chat.json'(
		{ importWorkflow, publish, unpublish, sandbox, chat, waitForRuns },
		file,
	) {
		const workflow = await importWorkflow(file);
		await publish(workflow, 1);
		const call = { from: '+447700900123', fromName: 'Alice Marlow', to: '101' };
		await sandbox.telephony.incomingCall({ ...call, answered: true });
		await sandbox.telephony.incomingCall({ from: '102', to: '101', answered: false });
		await sandbox.telephony.incomingCall({ ...call, answered: false });
		(await waitForRuns(workflow, 1)).forEach(assertSucceeded);
		const time = new Date(sandbox.clock.now()).toLocaleTimeString('en-GB', {
			timeZone: TIME_ZONE,
			hour: '2-digit',
			minute: '2-digit',
		});
		assert.deepEqual(takeMessages(chat), [
			`/hooks/phones Missed call from Alice Marlow (+447700900123) to 101 at ${time}`,
		]);
		await unpublish(workflow);
	},

	async 'call-new-lead.json'(
		{ importWorkflow, publish, unpublish, editor, sandbox, chat, waitForRuns },
		file,
	) {
		const workflow = await importWorkflow(file);
		await publish(workflow, 1);
		const form = workflow.nodes.find(({ name }) => name === 'New Lead');
		const submit = async (name: string, phone: string) => {
			const body = new FormData();
			body.append('field-0', name);
			body.append('field-1', phone);
			const url = `${editor.url}/form/${String(form?.webhookId)}`;
			const { status } = await fetch(url, { method: 'POST', body });
			assert.equal(status, 200);
			return await waitFor('the call', () => sandbox.telephony.calls.current()[0]);
		};
		const states = ({ legs }: { legs: Leg[] }) =>
			legs.map(({ extension, flow, status, endTime }) =>
				[extension.name, flow, endTime === null ? status : 'ended'].join(' '),
			);

		// Both phones ring, one answers, then the person is called.
		const call = await submit('Alice Marlow', '+44 7700 900121');
		assert.deepEqual(states(call), ['1844*101 in CALLING', '1844*102 in CALLING']);
		await sandbox.clock.advance(12_000);
		assert.equal(call.legs.length, 3);
		const person = call.legs[2];
		assert.deepEqual([person.flow, person.calledNumber], ['out', '+447700900121']);
		const first = call.legs.find(({ status, flow }) => status === 'ANSWER' && flow === 'in');
		await sandbox.clock.advance(12_000);
		assert.equal(person.status, 'ANSWER');

		// A workflow transfers it to another phone, and hangs it up.
		const control = async (parameters: Record<string, unknown>) =>
			assertSucceeded(await editor.run(await importCallControl(editor, workflow, parameters)));
		const byId = (value: unknown) => ({ __rl: true, mode: 'id', value: String(value) });
		await control({
			operation: 'transfer',
			callExtensionId: byId(first?.extension.id),
			callApiId: byId(first?.callApiId),
			callAction: 'transfer',
			callSendDst: '103',
		});
		await sandbox.clock.advance(12_000);
		const third = call.legs[3];
		assert.deepEqual(states(call).slice(2), ['1844*101 out ANSWER', '1844*103 in ANSWER']);
		assert.equal(first?.endTime === null, false);
		await control({
			operation: 'hangUp',
			callExtensionId: byId(third.extension.id),
			callApiId: byId(third.callApiId),
		});
		assert.equal(sandbox.telephony.calls.current().length, 0);

		// The event with the tag starts the workflow again, and the call is in the history.
		const result = (await waitForRuns(workflow, 2)).find((run) => 'Call Ended' in run.nodes);
		assert.ok(result);
		assertSucceeded(result);
		const [item] = result.nodes['Call Ended']?.[0].data?.main?.[0] ?? [];
		assert.equal(item?.json.tag, 'lead: Alice Marlow');
		const past = sandbox.store.pastCalls.get(String(item?.json.callId));
		assert.ok(past);
		assert.equal(past.result, 'bridged');
		assert.deepEqual(
			past.cdr.map(({ extension_name, flow }) => `${extension_name} ${flow}`).slice(2),
			['1844*101 out', '1844*103 in'],
		);
		const [message, ...others] = takeMessages(chat);
		assert.match(message, /^\/hooks\/leads Alice Marlow \(\+447700900121\): answered, \d+ s$/);
		assert.deepEqual(others, []);

		// Somebody who does not answer.
		await submit('Bob', '+447700900127');
		await sandbox.clock.advance(60_000);
		await waitForRuns(workflow, 4);
		assert.deepEqual(takeMessages(chat), ['/hooks/leads Bob (+447700900127): not reached (BUSY)']);
		await unpublish(workflow);
	},

	async 'nightly-recordings.json'({ importWorkflow, editor, sandbox, files }, file) {
		const day = (time: number) => dayIn(TIME_ZONE, time);
		const yesterday = day(new Date(`${day(Date.now())}T12:00Z`).getTime() - 24 * HOUR_MS);
		const recordings = sandbox.store.records.filter(
			({ init_time_gmt }) =>
				day(new Date(`${init_time_gmt.slice(0, 19)}Z`).getTime()) === yesterday,
		);
		assert.ok(recordings.length > 1, 'the sandbox has no recordings of yesterday');
		const workflow = await importWorkflow(file);
		const [missing, ...others] = recordings.map(({ record_uuid }) => record_uuid);
		sandbox.faults.add({ kind: 'status', status: 404, match: { path: new RegExp(missing) } });

		const partial = await editor.run(workflow, 'Every Night');
		assert.equal(partial.status, 'error');
		assert.match(partial.error?.message ?? '', /^1 recordings could not be archived: /);
		assert.ok(partial.error?.message.includes(missing), partial.error?.message);
		const stored = async () => (await readdir(files)).sort();
		assert.equal((await stored()).length, others.length);

		assertSucceeded(await editor.run(workflow, 'Every Night'));
		const names = await stored();
		assert.equal(names.length, recordings.length);
		for (const { record_uuid } of recordings) {
			const name = names.find((each) => each.includes(record_uuid)) ?? '';
			assert.match(name, /^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d \d+ to \d+ \(.+\)\.mp3$/);
			assert.ok(name.startsWith(yesterday), name);
			assert.equal(fileTypeOf(await readFile(join(files, name))), 'mp3');
		}
	},

	async 'agent-board.json'(
		{ importWorkflow, publish, unpublish, sandbox, chat, readRows, waitForRuns },
		file,
	) {
		const workflow = await importWorkflow(file);
		const agents = sandbox.store.agents.list();
		await publish(workflow, 2 * agents.length);
		const agent = (name: string) => agents.find((each) => each.name === name)?.id ?? 0;
		const texts = async (count: number) => {
			(await waitForRuns(workflow, count)).forEach(assertSucceeded);
			return takeMessages(chat);
		};
		await sandbox.agentLogin(agent('Remo'));
		assert.deepEqual(await texts(1), ['/hooks/agents Remo is here. Taking calls now: Remo']);
		await sandbox.agentLogout(agent('Sam'));
		assert.deepEqual(await texts(2), ['/hooks/agents Sam is gone. Taking calls now: Remo']);
		await sandbox.agentLogin(agent('Sam'));
		assert.deepEqual(await texts(3), ['/hooks/agents Sam is here. Taking calls now: Remo, Sam']);
		const board = await readRows('Agents');
		assert.deepEqual(
			board.map(({ name, status, phone }) => [name, status, phone]),
			[
				['Remo', 'available', '447700900101'],
				['Sam', 'available', '103'],
			],
		);
		await unpublish(workflow);
	},

	async 'route-callers.json'({ importWorkflow, createTable, editor, sandbox, waitForRuns }, file) {
		await createTable('Customers', [
			{ phone: '447700900121', name: 'Alice Marlow', manager: '103' },
			{ phone: '447700900122', name: 'Bob Stone', manager: '104' },
			{ phone: '447700900123', name: 'Carol Reed', manager: '' },
		]);
		const workflow = await importWorkflow(file);
		const url = await publishCallTrigger(editor, workflow);
		sandbox.telephony.setVoiceMenu({
			contexts: {
				1: { options: { start: [asks(url), { action: 'transfer', transfer_dst: ['101'] }] } },
			},
		});
		const call = async (from: string) => await callMenu(sandbox, { from });
		const asUsual = ['ringing: 101', 'conversation: 101'];

		const alice = await call('+44 7700 900121');
		assert.deepEqual(heardBy(alice), ['ringing: 103', 'conversation: 103']);
		const { cdr } = sandbox.store.pastCalls.get(alice.call.id) ?? {};
		assert.deepEqual(
			cdr?.map((part) => [part.extension_name, part.from_screen_name, part.source_number]),
			[
				['1844*118', null, '+44 7700 900121'],
				['1844*103', 'Alice Marlow', '+44 7700 900121'],
			],
		);
		// The manager's phone is switched off, there is no manager, the caller is unknown or hides the number.
		const phone = sandbox.store.extensions.find(({ name }) => name === '1844*104');
		sandbox.store.extensions.update(phone?.id ?? 0, { status: 'blocked' });
		assert.deepEqual(heardBy(await call('447700900122')), ['ringing: 104', ...asUsual]);
		for (const from of ['447700900123', '447700900124', 'anonymous']) {
			assert.deepEqual(heardBy(await call(from)), asUsual);
		}
		(await waitForRuns(workflow, 5)).forEach(assertSucceeded);
		await editor.unpublish(workflow);
	},

	async 'after-hours.json'({ importWorkflow, editor, sandbox, waitForRuns }, file) {
		const imported = await importWorkflow(file);
		const hours = imported.nodes.find(({ name }) => name === 'Office Hours')?.parameters;
		const withClosing = async (workflow: Workflow, closes: string) => {
			const text = JSON.stringify(hours)
				.replace('[1, 2, 3, 4, 5]', '[1, 2, 3, 4, 5, 6, 7]')
				.replace('"09:00"', '"00:00"')
				.replace('"18:00"', `"${closes}"`);
			return await changeNode(editor, workflow, 'Office Hours', JSON.parse(text) as object);
		};
		const call = async (inputs: string[], from = '447700900121') =>
			heardBy(await callMenu(sandbox, { from, fromName: 'Alice Marlow', inputs }));
		const texts = Object.fromEntries(
			['Announce', 'Confirm', 'Apologize'].map((name) => {
				const parameters = imported.nodes.find((node) => node.name === name)?.parameters;
				const text = /"text":"([^"]*)"/.exec(JSON.stringify(parameters))?.[1];
				return [name, `speech: ${text}`];
			}),
		);

		let workflow = await withClosing(imported, '24:00');
		const url = await publishCallTrigger(editor, workflow);
		sandbox.telephony.setVoiceMenu({
			contexts: {
				1: { options: { start: [asks(url), { action: 'transfer', transfer_dst: ['101'] }] } },
				2: {
					options: {
						start: [
							asks(`${url}?step=closed`),
							{ action: 'voice_helper' },
							asks(`${url}?step=callback`),
						],
					},
				},
			},
		});
		assert.deepEqual(await call(['1']), ['ringing: 101', 'conversation: 101']);

		await editor.unpublish(workflow);
		workflow = await withClosing(workflow, '00:00');
		await publishCallTrigger(editor, workflow);
		const before = sandbox.store.tasks.size;
		// Whatever the PBX does with what follows a text that is spoken.
		for (const lastElements of [['SimpleTransfer' as const], ['TTS' as const]]) {
			sandbox.telephony.setCallInteractive({ lastElements });
			const spoken = async (...options: Parameters<typeof call>) =>
				(await call(...options)).filter((each) => each.startsWith('speech:'));
			assert.deepEqual(await spoken(['1']), [texts.Announce, texts.Confirm]);
			assert.deepEqual(await spoken(['2']), [texts.Announce]);
			assert.deepEqual(await spoken([]), [texts.Announce]);
			assert.deepEqual(await spoken(['1'], 'anonymous'), [texts.Announce, texts.Apologize]);
		}
		(await waitForRuns(workflow, 1 + 2 * 4 * 3)).forEach(assertSucceeded);
		const added = sandbox.store.tasks.list().slice(before);
		const midnight = new Date(`${dayIn(TIME_ZONE, Date.now() + 24 * HOUR_MS)}T00:00Z`).getTime();
		for (const task of added) {
			assert.deepEqual(
				[task.name, task.a_number, task.b_number],
				['Callback for Alice Marlow', '101', '447700900121'],
			);
			// Tomorrow at midnight, one or two hours before that in UTC.
			const early = midnight - new Date(`${task.start_time_utc}Z`).getTime();
			assert.ok([HOUR_MS, 2 * HOUR_MS].includes(early), String(task.start_time_utc));
		}
		assert.equal(added.length, 2);
		await sandbox.clock.advance(48 * HOUR_MS);
		assert.deepEqual(
			added.map(({ id }) => sandbox.store.tasks.get(id)?.finish_result),
			['success', 'success'],
		);
		await editor.unpublish(workflow);
	},

	async 'log-calls.json'(
		{ importWorkflow, createTable, editor, sandbox, readRows, waitForRuns },
		file,
	) {
		await createTable('Calls', [
			{
				call: 'earlier',
				time: '',
				direction: '',
				from: '',
				to: '',
				status: '',
				seconds: '',
				answeredBy: '',
			},
		]);
		const workflow = await pollEveryMinute(editor, await importWorkflow(file), 'New Call');
		const known = new Set(sandbox.store.pastCalls.list().map(({ call_uuid: id }) => id));
		const call = { from: '+447700900123', to: '101' };
		await sandbox.telephony.incomingCall({ ...call, answered: true });
		await sandbox.telephony.incomingCall({ ...call, answered: false });
		const added = sandbox.store.pastCalls.filter(({ call_uuid: id }) => !known.has(id));
		assert.equal(added.length, 2);
		(await waitForRuns(workflow, 1)).forEach(assertSucceeded);
		const rows = (await readRows('Calls')).slice(1);
		assert.deepEqual(
			rows.map((row) => [row.call, row.from, row.direction, row.status, row.seconds]),
			added.map((each) => [
				each.call_uuid,
				call.from,
				each.flow,
				each.result,
				String(each.duration),
			]),
		);
		await editor.unpublish(workflow);
	},

	async 'transcribe-recordings.json'({ importWorkflow, editor, sandbox, chat, waitForRuns }, file) {
		const workflow = await pollEveryMinute(editor, await importWorkflow(file), 'New Recording');
		const now = new Date(sandbox.clock.now()).toISOString().slice(0, 19).replace('T', ' ');
		const [template] = sandbox.store.records.list();
		const added = [40, 5, 60].map((duration, index) => {
			const uuid = `${template.extension_id}-${String(index + 1).padStart(32, 'A')}`;
			const call = {
				call_uuid: `CALL${index}`,
				init_time_gmt: now,
				from_username: `44770090012${index}`,
			};
			sandbox.store.records.insert({ ...template, ...call, record_uuid: uuid, duration });
			return { uuid, duration };
		});
		(await waitForRuns(workflow, 1)).forEach(assertSucceeded);
		const long = added.filter(({ duration }) => duration >= 20);
		const files = chat.requests.filter(({ path }) => path === '/v1/audio/transcriptions');
		assert.equal(files.length, long.length);
		for (const { uuid, duration } of long) {
			// The whole file, up to the boundary of the form.
			const audio = `${mp3Of(uuid, duration).toString()}\r\n--`;
			assert.equal(files.filter(({ body }) => body.includes(audio)).length, 1);
		}
		const requests = chat.requests.filter(({ path }) => path.startsWith('/hooks/'));
		const messages = takeMessages({ ...chat, requests });
		assert.equal(messages.length, long.length);
		for (const message of messages) {
			assert.match(
				message,
				/^\/hooks\/calls Call of 44770090012[02] with .+: Summary: words of .+\.mp3$/,
			);
		}
		await editor.unpublish(workflow);
	},

	async 'office-hours.json'({ importWorkflow, editor, sandbox }, file) {
		const workflow = await importWorkflow(file);
		const groups = sandbox.store.extensionGroups.list().map(({ id }) => id);
		const phones = sandbox.store.extensions.filter(
			({ type, extension_group_id: group }) => type === 'phone' && groups.includes(group ?? 0),
		);
		assert.ok(phones.length > 2, 'the sandbox has no phones in groups');
		const others = () =>
			sandbox.store.extensions
				.filter(({ id }) => !phones.some((phone) => phone.id === id))
				.map(({ id, status }) => [id, status]);
		const untouched = others();
		const statuses = () => [
			...new Set(phones.map(({ id }) => sandbox.store.extensions.get(id)?.status)),
		];
		sandbox.store.extensions.update(phones[0].id, { status: 'blocked' });
		for (const [from, status, changes] of [
			['Evening', 'blocked', phones.length - 1],
			['Evening', 'blocked', 0],
			['Morning', 'active', phones.length],
		] as const) {
			sandbox.journal.clear();
			assertSucceeded(await editor.run(workflow, from));
			assert.deepEqual(statuses(), [status]);
			const changed = sandbox.journal.api().filter(({ method }) => method === 'PUT');
			assert.equal(changed.length, changes);
		}
		assert.deepEqual(others(), untouched);
	},

	async 'voicemail-to-email.json'(
		{ importWorkflow, publish, unpublish, sandbox, mail, waitForRuns },
		file,
	) {
		const workflow = await importWorkflow(file);
		await publish(workflow, 1);
		await sandbox.telephony.voicemail({ from: '+447700900123', fromName: 'Alice', duration: 9 });
		(await waitForRuns(workflow, 1)).forEach(assertSucceeded);
		const [message] = await waitFor('the mail', () => mail.mails[0] && mail.mails);
		assert.equal(mail.mails.length, 1);
		assert.equal(message.subject, 'Voicemail from Alice');
		assert.equal(message.to.text, 'office@example.com');
		assert.match(message.text, /^From: \+447700900123 Alice\nFor: 101\nLength: 9 s$/m);
		const [audio, ...rest] = message.attachments;
		assert.equal(rest.length, 0);
		assert.match(audio.filename, /\.wav$/);
		assert.equal(fileTypeOf(audio.content), 'wav');
		const stored = sandbox.store.voicemails.list().at(-1);
		assert.ok(audio.filename.includes(stored?.record_uuid ?? '-'), audio.filename);
		await unpublish(workflow);
	},
};

/** Changes the parameters of a node. @returns the workflow as it is now */
async function changeNode(
	editor: Editor,
	{ id, versionId, nodes }: Workflow,
	name: string,
	parameters: object,
): Promise<Workflow> {
	return await editor.send<Workflow>('PATCH', `/workflows/${id}`, {
		versionId,
		nodes: nodes.map((node) => (node.name === name ? { ...node, parameters } : node)),
	});
}

/**
 * Publishes a workflow with a RingMe Polling Trigger that asks every minute, as often as n8n and the trigger can. The
 * first poll, at once, only sets the mark.
 */
async function pollEveryMinute(
	editor: Editor,
	imported: Workflow,
	name: string,
): Promise<Workflow> {
	const trigger = imported.nodes.find((node) => node.name === name);
	const workflow = await changeNode(editor, imported, name, {
		...trigger?.parameters,
		minimumInterval: 1,
	});
	await publishPolling(editor, workflow, [name]);
	return workflow;
}

/** The step of a voice menu that asks a workflow. */
const asks = (url: string) => ({
	action: 'call_interactive' as const,
	call_interactive_url: url,
	call_interactive_method: 'POST' as const,
});

/** Calls the voice menu, until the call is over. */
async function callMenu(
	{ telephony, clock }: Sandbox,
	options: MenuCallOptions,
): Promise<MenuCallRecord> {
	const running = telephony.menuCall(options);
	await clock.advance(HOUR_MS);
	const record = await running;
	assert.deepEqual(record.problems, []);
	return record;
}

/** The day of a moment in a time zone: `2026-11-25`. */
const dayIn = (timeZone: string, time: number) =>
	new Date(time).toLocaleDateString('sv', { timeZone });

/** A workflow with one operation of the resource Call, and the credential of another workflow. */
async function importCallControl(
	editor: Editor,
	{ nodes }: Workflow,
	parameters: Record<string, unknown>,
): Promise<Workflow> {
	const ringMe = nodes.find(({ type }) => type === 'n8n-nodes-ringme.ringMe');
	assert.ok(ringMe);
	const start = {
		id: 'start',
		name: 'Start',
		type: 'n8n-nodes-base.manualTrigger',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: {},
	};
	const control = {
		...ringMe,
		id: 'control',
		name: 'Control Call',
		parameters: { resource: 'call', ...parameters },
	};
	return await editor.createWorkflow({
		name: `Call: ${String(parameters.operation)}`,
		nodes: [start, control],
		connections: { Start: { main: [[{ node: control.name, type: 'main', index: 0 }]] } },
		settings: {},
	} as unknown as Workflow);
}

/** The rows of the call list have the results of the tasks of the same people. */
function assertResults(rows: Array<Record<string, unknown>>, tasks: Task[]): void {
	const results = tasks.map(({ name, status, finish_result: result, finish_comment: comment }) => ({
		name,
		status,
		result,
		comment,
	}));
	assert.deepEqual(
		rows.map(({ name, status, result, comment }) => ({ name, status, result, comment })),
		results,
	);
	assert.ok(rows.every(({ finished }) => finished));
	assert.deepEqual(new Set(results.map(({ result }) => result)), new Set(['success', 'failed']));
}

/** The key of the result that started a run. */
function keyOf({ nodes }: RunResult): unknown {
	return nodes['Task Finished']?.[0].data?.main?.[0]?.[0].json.key;
}

/** The messages that the chat has received since the last call, with the paths they were sent to. */
function takeMessages({ requests }: TestServer): string[] {
	return requests.splice(0).map(({ path, body }) => {
		const { text } = JSON.parse(body) as { text: string };
		return `${path} ${text}`;
	});
}

function assertSucceeded(run: RunResult): void {
	assert.equal(run.status, 'success', describeFailure(run));
}

/** Judged by the first bytes. */
function fileTypeOf(bytes: Buffer): string {
	if (bytes.subarray(0, 4).toString('latin1') === 'RIFF') return 'wav';
	const isMp3 =
		bytes.subarray(0, 3).toString('latin1') === 'ID3' || (bytes[0] === 0xff && bytes[1] >= 0xe0);
	return isMp3 ? 'mp3' : 'unknown';
}
