import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whatFailed, type RunResult } from '../n8n/editor.mts';
import { until } from '../until.mts';
import { ZONE, type Stage } from './stage.mts';

const HOUR_MS = 3_600_000;
/** Longer than everybody on the list is being called, with all pauses and tries. */
const CAMPAIGN_MS = 6 * HOUR_MS;

/** What each example has to achieve, by file. A case fails by throwing. */
export const cases: Record<string, (stage: Stage, file: string) => Promise<void>> = {
	async 'outbound-dialing.json'({ bring, editor, sandbox }, file) {
		const before = new Set(sandbox.store.tasks.list().map(({ id }) => id));
		succeeded(await editor.run(await bring(file)));
		const added = sandbox.store.tasks.filter(({ id }) => !before.has(id));
		assert.equal(added.length, 25);
		assert.deepEqual(added[0].variables, { appointment: 'Tuesday 10:00' });
		await sandbox.clock.advance(CAMPAIGN_MS);
		const statuses = new Set(added.map(({ id }) => sandbox.store.tasks.get(id)?.status));
		assert.deepEqual([...statuses], ['finished']);
	},

	async 'outbound-dialing-results.json'({ bring, editor, sandbox, rows, runs }, file) {
		const workflow = await bring(file);
		await editor.publish(workflow);
		succeeded(await editor.run(workflow));
		const waiting = await rows('Call results');
		assert.equal(waiting.length, 25);
		assert.deepEqual([...new Set(waiting.map(({ status }) => status))], ['waiting']);

		// A key that nobody has changes nothing.
		await until('n8n to listen', async () => {
			const address = `${editor.url}/webhook/ringme-task-ended?key=nobody`;
			const { ok } = await fetch(address, { method: 'POST' });
			return ok;
		});
		const [forged] = await runs(workflow, 1);
		succeeded(forged);
		assert.equal(forged.nodes['Ask the PBX'], undefined);
		assert.deepEqual(await rows('Call results'), waiting);

		await sandbox.clock.advance(CAMPAIGN_MS);
		const [, ...done] = await runs(workflow, 1 + waiting.length);
		assert.equal(done.length, waiting.length);
		done.forEach(succeeded);
		for (const row of await rows('Call results')) {
			const task = sandbox.store.tasks.get(Number(row.task_id));
			assert.ok(task, `no task for ${row.name}`);
			assert.equal(row.name, task.name);
			assert.equal(row.a_number, task.a_number);
			assert.equal(row.status, 'finished');
			assert.equal(row.result, task.finish_result);
			assert.equal(row.comment ?? null, task.finish_comment);
			assert.ok(row.ended);
		}
		const results = new Set((await rows('Call results')).map(({ result }) => result));
		assert.deepEqual(results, new Set(['success', 'failed']));
		await editor.unpublish(workflow);
	},

	async 'missed-call-to-chat.json'({ bring, publish, unpublish, sandbox, web, runs }, file) {
		const workflow = await bring(file);
		await publish(workflow, 1);
		const call = { from: '+447700900123', fromName: 'Alice Marlow', to: '101' };
		await sandbox.telephony.incomingCall({ ...call, answered: true });
		await sandbox.telephony.incomingCall({ from: '102', to: '101', answered: false });
		await sandbox.telephony.incomingCall({ ...call, answered: false });
		(await runs(workflow, 1)).forEach(succeeded);
		const time = new Date(sandbox.clock.now()).toLocaleTimeString('en-GB', {
			...({ timeZone: ZONE, hour: '2-digit', minute: '2-digit' } as const),
		});
		assert.deepEqual(web.sent.splice(0), [
			{
				path: '/hooks/phones',
				body: { text: `Missed call from Alice Marlow (+447700900123) to 101 at ${time}` },
			},
		]);
		await unpublish(workflow);
	},

	async 'nightly-recordings.json'({ bring, editor, sandbox, files }, file) {
		const day = (time: number) => new Date(time).toLocaleDateString('sv', { timeZone: ZONE });
		const yesterday = day(new Date(`${day(Date.now())}T12:00Z`).getTime() - 24 * HOUR_MS);
		const recordings = sandbox.store.records.filter(
			({ init_time_gmt }) =>
				day(new Date(`${init_time_gmt.slice(0, 19)}Z`).getTime()) === yesterday,
		);
		assert.ok(recordings.length > 1, 'the sandbox has no recordings of yesterday');
		const workflow = await bring(file);
		const [lost, ...others] = recordings.map(({ record_uuid }) => record_uuid);
		sandbox.faults.add({ kind: 'status', status: 404, match: { path: new RegExp(lost) } });

		const partly = await editor.run(workflow, 'Every Night');
		assert.equal(partly.status, 'error');
		assert.match(partly.error?.message ?? '', /^1 recordings could not be archived: /);
		assert.ok(partly.error?.message.includes(lost), partly.error?.message);
		const stored = async () => (await readdir(files)).sort();
		assert.equal((await stored()).length, others.length);

		succeeded(await editor.run(workflow, 'Every Night'));
		const names = await stored();
		assert.equal(names.length, recordings.length);
		for (const { record_uuid } of recordings) {
			const name = names.find((each) => each.includes(record_uuid)) ?? '';
			assert.match(name, /^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d \d+ to \d+ \(.+\)\.mp3$/);
			assert.ok(name.startsWith(yesterday), name);
			assert.equal(typeOf(await readFile(join(files, name))), 'mp3');
		}
	},

	async 'agent-board.json'({ bring, publish, unpublish, sandbox, web, rows, runs }, file) {
		const workflow = await bring(file);
		const agents = sandbox.store.agents.list();
		await publish(workflow, 2 * agents.length);
		const agent = (name: string) => agents.find((each) => each.name === name)?.id ?? 0;
		const texts = async (count: number) => {
			(await runs(workflow, count)).forEach(succeeded);
			return web.sent.splice(0).map(({ path, body }) => `${path} ${String(body.text)}`);
		};
		await sandbox.agentLogin(agent('Remo'));
		assert.deepEqual(await texts(1), ['/hooks/agents Remo is here. Taking calls now: Remo']);
		await sandbox.agentLogout(agent('Sam'));
		assert.deepEqual(await texts(2), ['/hooks/agents Sam is gone. Taking calls now: Remo']);
		await sandbox.agentLogin(agent('Sam'));
		assert.deepEqual(await texts(3), ['/hooks/agents Sam is here. Taking calls now: Remo, Sam']);
		const board = await rows('Agents');
		assert.deepEqual(
			board.map(({ name, status, phone }) => [name, status, phone]),
			[
				['Remo', 'available', '447700900101'],
				['Sam', 'available', '103'],
			],
		);
		await unpublish(workflow);
	},

	async 'office-hours.json'({ bring, editor, sandbox }, file) {
		const workflow = await bring(file);
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
			succeeded(await editor.run(workflow, from));
			assert.deepEqual(statuses(), [status]);
			const changed = sandbox.journal.api().filter(({ method }) => method === 'PUT');
			assert.equal(changed.length, changes);
		}
		assert.deepEqual(others(), untouched);
	},

	async 'voicemail-to-email.json'({ bring, publish, unpublish, sandbox, mail, runs }, file) {
		const workflow = await bring(file);
		await publish(workflow, 1);
		await sandbox.telephony.voicemail({ from: '+447700900123', fromName: 'Alice', duration: 9 });
		(await runs(workflow, 1)).forEach(succeeded);
		const [message] = await until('the mail', async () => mail.mails[0] && mail.mails);
		assert.equal(mail.mails.length, 1);
		assert.equal(message.subject, 'Voicemail from Alice');
		assert.equal(message.to.text, 'office@example.com');
		assert.match(message.text, /^From: \+447700900123 Alice\nFor: 101\nLength: 9 s$/m);
		const [audio, ...rest] = message.attachments;
		assert.equal(rest.length, 0);
		assert.match(audio.filename, /\.wav$/);
		assert.equal(typeOf(audio.content), 'wav');
		const stored = sandbox.store.voicemails.list().at(-1);
		assert.ok(audio.filename.includes(stored?.record_uuid ?? '-'), audio.filename);
		await unpublish(workflow);
	},
};

function succeeded(run: RunResult): void {
	assert.equal(run.status, 'success', whatFailed(run));
}

/** By the first bytes. */
function typeOf(bytes: Buffer): string {
	if (bytes.subarray(0, 4).toString('latin1') === 'RIFF') return 'wav';
	const isMp3 =
		bytes.subarray(0, 3).toString('latin1') === 'ID3' || (bytes[0] === 0xff && bytes[1] >= 0xe0);
	return isMp3 ? 'mp3' : 'unknown';
}
