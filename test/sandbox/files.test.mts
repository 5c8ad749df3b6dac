import type { Sandbox } from '../../sandbox/index.mts';
import { mp3Of, wavOf } from '../../sandbox/state/audio.mts';
import type { Answer, Client, Json } from './support/client.mts';
import { useSandbox } from './support/use.mts';

const BASE = '/api/ver1.0/client/@me';
const BASIC = `Basic ${Buffer.from('admin:sandbox-password').toString('base64')}`;
let sandbox: Sandbox;
let client: Client;

// The clock stands at 15 January 2026, 09:00.
useSandbox({ statsMs: 30 }, (...given) => ([sandbox, client] = given));

const get = async (path: string, query: Json = {}) =>
	await client.ask('GET', `${BASE}/${path}`, { query });
const remove = async (path: string, query: Json = {}) =>
	await client.ask('DELETE', `${BASE}/${path}`, { query });
const message = ({ status, json }: Answer) => [status, (json as Json).message];

describe('the list of recordings', () => {
	const period = { start_datetime: '2025-11-01 00:00:00', end_datetime: '2025-12-31 23:59:59' };

	it('is in order of time, newest first unless asked otherwise', async () => {
		const times = async (order: Json) =>
			((await get('record/', { ...period, per_page: 50, ...order })).json as Json[]).map(
				({ init_time_gmt }) => String(init_time_gmt),
			);
		const newest = await times({});
		expect(newest).toEqual([...newest].sort().reverse());
		const oldest = await times({ order: 'asc' });
		expect(oldest).toEqual([...oldest].sort());
		expect(newest).toHaveLength(50);
		expect(oldest[0] < newest[0]).toBe(true);
	});

	it('has everything of a period and nothing else', async () => {
		const all = sandbox.store.records.list();
		const start_datetime = all[40].init_time_gmt;
		const end_datetime = all[60].init_time_gmt;
		const rows = (await get('record/', { start_datetime, end_datetime, per_page: 100 }))
			.json as Json[];
		const expected = all.filter(
			(r) => r.init_time_gmt >= start_datetime && r.init_time_gmt <= end_datetime,
		);
		expect(new Set(rows.map((r) => r.record_uuid))).toEqual(
			new Set(expected.map((r) => r.record_uuid)),
		);
		expect(rows[0]).toMatchObject({
			file_name: expect.stringMatching(/\.mp3$/),
			record_transfer: null,
		});
	});

	it('ends on the last day of the month after the start at the latest', async () => {
		const list = async (start_datetime: string, end_datetime: string) =>
			(await get('record/', { start_datetime, end_datetime })).status;
		expect(await list('2025-11-30 23:59:59', '2025-12-31 23:59:59')).toBe(200);
		expect(await list('2025-11-30 23:59:59', '2026-01-01 00:00:00')).toBe(400);
		expect(await list('2025-12-01 00:00:00', '2026-01-31 23:59:59')).toBe(200);
		expect(await list('2025-12-01 00:00:00', '2026-02-01 00:00:00')).toBe(400);
		expect(await list('2026-01-10 00:00:00', '2026-01-09 00:00:00')).toBe(400);
		expect(await list('2026-02-31 00:00:00', '2026-03-01 00:00:00')).toBe(400);
		expect(await list('2026-01-01', '2026-01-02')).toBe(400);
		expect(
			(
				await remove('record/', {
					start_datetime: '2025-01-01 00:00:00',
					end_datetime: '2025-06-01 00:00:00',
				})
			).status,
		).toBe(400);
	});

	it('can be emptied for a period and some extensions', async () => {
		const { records } = sandbox.store;
		const extension_id = records.list()[100].extension_id;
		const inside = records.filter(
			(r) => r.init_time_gmt >= period.start_datetime && r.init_time_gmt <= period.end_datetime,
		);
		const doomed = inside.filter((r) => r.extension_id === extension_id).length;
		expect(doomed).toBeGreaterThan(0);
		expect((await remove('record/', { ...period, extension_id: [extension_id] })).status).toBe(204);
		expect(records.size).toBe(300 - doomed);
		expect((await remove('record/', period)).status).toBe(204);
		expect(records.size).toBe(300 - inside.length);
	});

	it('has statistics, one request at a time', async () => {
		const stats = async () => await get('record/stats/', period);
		const [first, second] = await Promise.all([stats(), stats()]);
		const answers = [first, second].sort((a, b) => a.status - b.status);
		expect(answers.map(({ status }) => status)).toEqual([200, 429]);
		expect(answers[1].json).toEqual({
			message: 'Stats request already exists, concurrent request not allowed',
		});
		const inside = sandbox.store.records.filter(
			(r) => r.init_time_gmt >= period.start_datetime && r.init_time_gmt <= period.end_datetime,
		);
		expect(answers[0].json).toEqual({
			records_count: inside.length,
			files_size: inside.reduce((sum, r) => sum + r.record_file_size, 0),
		});
		expect((await stats()).status).toBe(200);
	});

	it('can be ordered as an archive', async () => {
		const answer = await client.ask('POST', `${BASE}/record/archive/`, {
			body: { ...period, email: 'someone@example.com' },
		});
		expect(answer.status).toBe(201);
		expect(answer.json).toMatchObject({ archive_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
	});
});

describe('a recording', () => {
	const any = () => sandbox.store.records.list()[7];

	it('is an MP3 with a name and the size that the list tells', async () => {
		const { record_uuid, record_file_size } = any();
		const answer = await get(`record/${record_uuid}`);
		expect(answer.headers.get('content-type')).toBe('audio/mpeg');
		expect(answer.headers.get('content-disposition')).toBe(
			`attachment; filename="${record_uuid}.mp3"`,
		);
		expect(answer.bytes).toHaveLength(record_file_size);
		// Every frame begins with the sync word of MPEG-2 layer III.
		for (let at = 0; at < answer.bytes.length; at += 72) {
			expect(answer.bytes.readUInt16BE(at)).toBe(0xfff3);
		}
		expect((await get(`record/${record_uuid.toLowerCase()}`)).bytes).toEqual(answer.bytes);
		expect(mp3Of('another', any().duration)).not.toEqual(answer.bytes);
	});

	it('is a WAV if the client is set so', async () => {
		sandbox.store.client.record_format = 'wav';
		const answer = await get(`record/${any().record_uuid}`);
		expect(answer.headers.get('content-type')).toBe('audio/x-wav');
		expect(answer.bytes.readUInt32LE(4)).toBe(answer.bytes.length - 8);
	});

	it('comes for a login too, from another path', async () => {
		const path = `${BASE}/record/${any().record_uuid}/download/`;
		const answer = await client.ask('GET', path, { authorization: BASIC });
		expect(answer.bytes).toEqual((await get(`record/${any().record_uuid}`)).bytes);
		for (const authorization of [`Basic ${btoa('admin:wrong')}`, 'Bearer sandbox-token', null]) {
			const denied = await client.ask('GET', path, { authorization });
			expect(denied.status).toBe(401);
			expect(denied.headers.get('www-authenticate')).toContain('Basic');
		}
	});

	it('has a link that needs no token, and a path', async () => {
		const { json } = await get(`record/${any().record_uuid}/storage_url/`);
		const url = new URL((json as { record_url: string }).record_url);
		expect(url.origin).toBe(sandbox.url);
		const file = await client.ask('GET', url.pathname, { authorization: null });
		expect([file.status, file.bytes.length]).toEqual([200, any().record_file_size]);
		expect((await get(`record/${any().record_uuid}/path/`)).json).toHaveProperty('path');
	});

	it('is gone once it is deleted', async () => {
		const path = `record/${any().record_uuid}`;
		expect((await remove(path)).status).toBe(204);
		expect(message(await remove(path))).toEqual([404, 'Record not found']);
		expect(message(await get(path))).toEqual([404, 'Record not found']);
		expect(message(await get(`${path}/storage_url/`))).toEqual([404, 'Record not found']);
	});
});

describe('voice messages and faxes', () => {
	it('are files', async () => {
		const [voice] = sandbox.store.voicemails.list();
		const wav = await get(`voicemail/${voice.record_uuid}`);
		expect(wav.headers.get('content-type')).toBe('audio/x-wav');
		expect(wav.text.slice(0, 4)).toBe('RIFF');
		const [fax] = sandbox.store.faxes.list();
		const pdf = await get(`fax/in/${fax.uuid}`);
		expect(pdf.headers.get('content-type')).toBe('application/pdf');
		expect(pdf.headers.get('content-disposition')).toContain('.pdf"');
		const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf.text)?.[1]);
		expect(pdf.text.slice(table, table + 4)).toBe('xref');
	});

	it('can be deleted one by one and by period', async () => {
		const { voicemails, faxes } = sandbox.store;
		expect((await remove(`voicemail/${voicemails.list()[0].record_uuid}`)).status).toBe(204);
		expect((await remove(`fax/in/${faxes.list()[0].uuid}`)).status).toBe(204);
		expect([voicemails.size, faxes.size]).toEqual([5, 3]);
		const period = { start_datetime: '2025-12-01 00:00:00', end_datetime: '2026-01-31 00:00:00' };
		const [one] = voicemails.list();
		expect((await remove('voicemail/', { ...period, extension_id: one.extension_id })).status).toBe(
			204,
		);
		expect(voicemails.size).toBe(4);
		expect((await remove('voicemail/', period)).status).toBe(204);
		expect((await remove('voicemail/', {})).status).toBe(400);
		expect((await remove('fax/in/', { start_datetime: '2026-01-05 00:00:00' })).status).toBe(204);
		expect(faxes.list().every((fax) => fax.datetime < '2026-01-05')).toBe(true);
		expect((await remove('fax/in/')).status).toBe(204);
		expect([voicemails.size, faxes.size]).toEqual([0, 0]);
	});
});

describe('a sound', () => {
	const upload = async (path: string, fields: Record<string, string | Blob>) => {
		const form = new FormData();
		for (const [name, value] of Object.entries(fields)) {
			if (typeof value === 'string') form.append(name, value);
			else form.append(name, value, 'whatever.bin');
		}
		return await client.ask('POST', `${BASE}/${path}`, { form });
	};
	const blob = (data: Buffer) => new Blob([new Uint8Array(data)]);
	const wav = wavOf(0.5, 300);
	const mp3 = mp3Of('x', 1);

	it('comes back byte for byte, in the kind its bytes are of', async () => {
		for (const [file, type, name] of [
			[wav, 'audio/x-wav', /\.wav$/],
			[mp3, 'audio/mpeg', /\.mp3$/],
		] as const) {
			const made = await upload('sound/', { title: 'Приветствие', file: blob(file) });
			expect(made.status).toBe(201);
			expect(made.json).toMatchObject({
				title: 'Приветствие',
				filename: expect.stringMatching(name),
			});
			const { id } = made.json as { id: number };
			const answer = await get(`sound/${id}/download/`);
			expect(answer.bytes.equals(file)).toBe(true);
			expect(answer.headers.get('content-type')).toBe(type);
			expect(answer.headers.get('content-disposition')).toContain('attachment');
		}
		expect(sandbox.journal.find('POST', '/sound/')[0].body).toEqual({
			title: 'Приветствие',
			file: { filename: 'whatever.bin', mimetype: 'application/octet-stream', size: wav.length },
		});
	});

	it('gets another file or title', async () => {
		const { id } = (await upload('sound/', { title: 'One', file: blob(wav) })).json as {
			id: number;
		};
		expect((await upload(`sound/${id}`, { file: blob(mp3) })).status).toBe(201);
		const renamed = await client.ask('PUT', `${BASE}/sound/${id}`, { body: { title: 'Two' } });
		expect(renamed.json).toMatchObject({ id, title: 'Two', filename: `sound_${id}.mp3` });
		expect((await get(`sound/${id}/download/`)).bytes.equals(mp3)).toBe(true);
	});

	it('of the operator cannot be changed', async () => {
		const hold = sandbox.store.sounds.find(({ client_id }) => client_id === null)?.id;
		expect((await remove(`sound/${hold}`)).status).toBe(403);
		expect((await upload(`sound/${hold}`, { file: blob(wav) })).status).toBe(403);
	});

	const float = Buffer.from(wav);
	float.writeUInt16LE(3, 20);
	const headless = Buffer.from(wav);
	headless.write('xxxx', 12);
	it.each([
		['a text', { title: 'x', file: blob(Buffer.from('not a sound')) }, 400],
		['nothing', { title: 'x', file: blob(Buffer.alloc(0)) }, 400],
		['a float WAV', { title: 'x', file: blob(float) }, 400],
		['a WAV without a format part', { title: 'x', file: blob(headless) }, 400],
		['a file where the title belongs', { title: blob(wav) }, 400],
		['a text where the file belongs', { title: 'x', file: 'text' }, 400],
		['no file', { title: 'x' }, 400],
		['no title', { file: blob(wav) }, 400],
		['an empty title', { title: ' ', file: blob(wav) }, 400],
		['an unknown field', { title: 'x', file: blob(wav), note: 'y' }, 400],
		['two files', { title: 'x', file: blob(wav), more: blob(wav) }, 413],
		[
			'more than 10 MB',
			{ title: 'x', file: blob(Buffer.concat([wav, Buffer.alloc(10 << 20)])) },
			413,
		],
	])('cannot be %s', async (_what, fields, status) => {
		const answer = await upload('sound/', fields as Record<string, Blob>);
		expect([answer.status, typeof (answer.json as Json).message]).toEqual([status, 'string']);
		expect(sandbox.store.sounds.size).toBe(2);
	});

	it('is refused as JSON', async () => {
		const answer = await client.ask('POST', `${BASE}/sound/`, { body: { title: 'x', file: 'y' } });
		expect(answer.status).toBe(400);
	});
});
