import { mp3Of, wavOf } from '../../sandbox/state/audio.mts';
import type { ClientResponse, Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const BASE = '/api/ver1.0/client/@me';
const BASIC = `Basic ${Buffer.from('admin:sandbox-password').toString('base64')}`;
const pbx = setupSandbox();

const get = async (path: string, query: Json = {}) =>
	await pbx.client.request('GET', `${BASE}/${path}`, { query });
const remove = async (path: string, query: Json = {}) =>
	await pbx.client.request('DELETE', `${BASE}/${path}`, { query });
const statusAndMessage = ({ status, json }: ClientResponse) => [status, (json as Json).message];

describe('recordings of a period', () => {
	const period = { start_datetime: '2025-11-01 00:00:00', end_datetime: '2025-12-31 23:59:59' };

	it('lists recordings newest first, or oldest first on request', async () => {
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

	it('lists exactly the recordings of the period', async () => {
		const all = pbx.sandbox.store.records.list();
		const start_datetime = all[40].init_time_gmt;
		const end_datetime = all[60].init_time_gmt;
		const rows = (await get('record/', { start_datetime, end_datetime, per_page: 100 }))
			.json as Json[];
		const expected = all.filter(
			(record) => record.init_time_gmt >= start_datetime && record.init_time_gmt <= end_datetime,
		);
		expect(new Set(rows.map(({ record_uuid }) => record_uuid))).toEqual(
			new Set(expected.map(({ record_uuid }) => record_uuid)),
		);
		expect(rows[0]).toMatchObject({
			file_name: expect.stringMatching(/\.mp3$/),
			record_transfer: null,
		});
	});

	it('refuses a period that ends after the month that follows its start', async () => {
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

	it('deletes the recordings of a period, optionally of some extensions only', async () => {
		const { records } = pbx.sandbox.store;
		const extension_id = records.list()[100].extension_id;
		const inside = records.filter(
			(record) =>
				record.init_time_gmt >= period.start_datetime &&
				record.init_time_gmt <= period.end_datetime,
		);
		const expectedDeletions = inside.filter(
			(record) => record.extension_id === extension_id,
		).length;
		expect(expectedDeletions).toBeGreaterThan(0);
		expect((await remove('record/', { ...period, extension_id: [extension_id] })).status).toBe(204);
		expect(records.size).toBe(300 - expectedDeletions);
		expect((await remove('record/', period)).status).toBe(204);
		expect(records.size).toBe(300 - inside.length);
	});

	it('returns statistics and refuses a second concurrent request for them', async () => {
		const stats = async () => await get('record/stats/', period);
		const hold = pbx.sandbox.faults.add({ kind: 'hold', acts: true });
		const first = stats();
		await hold.held();
		const second = await stats();
		await hold.release();
		const responses = [await first, second];
		expect(responses.map(({ status }) => status)).toEqual([200, 429]);
		expect(responses[1].json).toEqual({
			message: 'Stats request already exists, concurrent request not allowed',
		});
		const inside = pbx.sandbox.store.records.filter(
			(record) =>
				record.init_time_gmt >= period.start_datetime &&
				record.init_time_gmt <= period.end_datetime,
		);
		expect(responses[0].json).toEqual({
			records_count: inside.length,
			files_size: inside.reduce((sum, r) => sum + r.record_file_size, 0),
		});
		expect((await stats()).status).toBe(200);
	});

	it('accepts a request for an archive of recordings', async () => {
		const response = await pbx.client.request('POST', `${BASE}/record/archive/`, {
			body: { ...period, email: 'someone@example.com' },
		});
		expect(response.status).toBe(201);
		expect(response.json).toMatchObject({ archive_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
	});
});

describe('a recording', () => {
	const recording = () => pbx.sandbox.store.records.list()[7];

	it('downloads a recording as a named MP3 file of the size in the list', async () => {
		const { record_uuid, record_file_size } = recording();
		const response = await get(`record/${record_uuid}`);
		expect(response.headers.get('content-type')).toBe('audio/mpeg');
		expect(response.headers.get('content-disposition')).toBe(
			`attachment; filename="${record_uuid}.mp3"`,
		);
		expect(response.bytes).toHaveLength(record_file_size);
		// Every frame begins with the sync word of MPEG-2 layer III.
		for (let at = 0; at < response.bytes.length; at += 72) {
			expect(response.bytes.readUInt16BE(at)).toBe(0xfff3);
		}
		expect((await get(`record/${record_uuid.toLowerCase()}`)).bytes).toEqual(response.bytes);
		expect(mp3Of('another', recording().duration)).not.toEqual(response.bytes);
	});

	it('downloads a recording as a WAV file if the client has chosen that format', async () => {
		pbx.sandbox.store.client.record_format = 'wav';
		const response = await get(`record/${recording().record_uuid}`);
		expect(response.headers.get('content-type')).toBe('audio/x-wav');
		expect(response.bytes.readUInt32LE(4)).toBe(response.bytes.length - 8);
	});

	it('downloads a recording from another path with login and password', async () => {
		const path = `${BASE}/record/${recording().record_uuid}/download/`;
		const response = await pbx.client.request('GET', path, { authorization: BASIC });
		expect(response.bytes).toEqual((await get(`record/${recording().record_uuid}`)).bytes);
		for (const authorization of [`Basic ${btoa('admin:wrong')}`, 'Bearer sandbox-token', null]) {
			const denied = await pbx.client.request('GET', path, { authorization });
			expect(denied.status).toBe(401);
			expect(denied.headers.get('www-authenticate')).toContain('Basic');
		}
	});

	it('returns the path of a recording, and a download URL that needs no token', async () => {
		const { json } = await get(`record/${recording().record_uuid}/storage_url/`);
		const url = new URL((json as { record_url: string }).record_url);
		expect(url.origin).toBe(pbx.sandbox.url);
		const file = await pbx.client.request('GET', url.pathname, { authorization: null });
		expect([file.status, file.bytes.length]).toEqual([200, recording().record_file_size]);
		expect((await get(`record/${recording().record_uuid}/path/`)).json).toHaveProperty('path');
	});

	it('does not find a recording that was deleted', async () => {
		const path = `record/${recording().record_uuid}`;
		expect((await remove(path)).status).toBe(204);
		expect(statusAndMessage(await remove(path))).toEqual([404, 'Record not found']);
		expect(statusAndMessage(await get(path))).toEqual([404, 'Record not found']);
		expect(statusAndMessage(await get(`${path}/storage_url/`))).toEqual([404, 'Record not found']);
	});
});

describe('voicemails and faxes', () => {
	it('downloads voicemails as WAV files and faxes as PDF files', async () => {
		const [voice] = pbx.sandbox.store.voicemails.list();
		const wav = await get(`voicemail/${voice.record_uuid}`);
		expect(wav.headers.get('content-type')).toBe('audio/x-wav');
		expect(wav.text.slice(0, 4)).toBe('RIFF');
		const [fax] = pbx.sandbox.store.faxes.list();
		const pdf = await get(`fax/in/${fax.uuid}`);
		expect(pdf.headers.get('content-type')).toBe('application/pdf');
		expect(pdf.headers.get('content-disposition')).toContain('.pdf"');
		const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf.text)?.[1]);
		expect(pdf.text.slice(table, table + 4)).toBe('xref');
	});

	it('deletes voicemails and faxes one by one or by period', async () => {
		const { voicemails, faxes } = pbx.sandbox.store;
		expect((await remove(`voicemail/${voicemails.list()[0].record_uuid}`)).status).toBe(204);
		expect((await remove(`fax/in/${faxes.list()[0].uuid}`)).status).toBe(204);
		expect([voicemails.size, faxes.size]).toEqual([5, 3]);
		const period = { start_datetime: '2025-12-01 00:00:00', end_datetime: '2026-01-31 00:00:00' };
		const { extension_id } = voicemails.list()[0];
		expect((await remove('voicemail/', { ...period, extension_id })).status).toBe(204);
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
		return await pbx.client.request('POST', `${BASE}/${path}`, { form });
	};
	const blob = (data: Buffer) => new Blob([new Uint8Array(data)]);
	const wav = wavOf(0.5, 300);
	const mp3 = mp3Of('x', 1);

	it('downloads a sound byte for byte as uploaded, with the media type of its content', async () => {
		for (const [file, type, name] of [
			[wav, 'audio/x-wav', /\.wav$/],
			[mp3, 'audio/mpeg', /\.mp3$/],
		] as const) {
			const created = await upload('sound/', { title: 'Приветствие', file: blob(file) });
			expect(created.status).toBe(201);
			expect(created.json).toMatchObject({
				title: 'Приветствие',
				filename: expect.stringMatching(name),
			});
			const { id } = created.json as { id: number };
			const response = await get(`sound/${id}/download/`);
			expect(response.bytes.equals(file)).toBe(true);
			expect(response.headers.get('content-type')).toBe(type);
			expect(response.headers.get('content-disposition')).toContain('attachment');
		}
		expect(pbx.sandbox.journal.find('POST', '/sound/')[0].body).toEqual({
			title: 'Приветствие',
			file: { filename: 'whatever.bin', mimetype: 'application/octet-stream', size: wav.length },
		});
	});

	it('replaces the file or the title of a sound', async () => {
		const { id } = (await upload('sound/', { title: 'One', file: blob(wav) })).json as {
			id: number;
		};
		expect((await upload(`sound/${id}`, { file: blob(mp3) })).status).toBe(201);
		const renamed = await pbx.client.request('PUT', `${BASE}/sound/${id}`, {
			body: { title: 'Two' },
		});
		expect(renamed.json).toMatchObject({ id, title: 'Two', filename: `sound_${id}.mp3` });
		expect((await get(`sound/${id}/download/`)).bytes.equals(mp3)).toBe(true);
	});

	it('refuses to change a sound of the operator', async () => {
		const hold = pbx.sandbox.store.sounds.find(({ client_id }) => client_id === null)?.id;
		expect((await remove(`sound/${hold}`)).status).toBe(403);
		expect((await upload(`sound/${hold}`, { file: blob(wav) })).status).toBe(403);
	});

	const floatWav = Buffer.from(wav);
	floatWav.writeUInt16LE(3, 20);
	const wavWithoutFormat = Buffer.from(wav);
	wavWithoutFormat.write('xxxx', 12);
	it.each([
		['a text instead of audio', { title: 'x', file: blob(Buffer.from('not a sound')) }, 400],
		['an empty file', { title: 'x', file: blob(Buffer.alloc(0)) }, 400],
		['a float WAV', { title: 'x', file: blob(floatWav) }, 400],
		['a WAV without a format chunk', { title: 'x', file: blob(wavWithoutFormat) }, 400],
		['a file as the title', { title: blob(wav) }, 400],
		['a text as the file', { title: 'x', file: 'text' }, 400],
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
	])('refuses to upload a sound with %s', async (_what, fields, status) => {
		const response = await upload('sound/', fields as Record<string, Blob>);
		expect([response.status, typeof (response.json as Json).message]).toEqual([status, 'string']);
		expect(pbx.sandbox.store.sounds.size).toBe(2);
	});

	it('refuses to upload a sound as JSON', async () => {
		const response = await pbx.client.request('POST', `${BASE}/sound/`, {
			body: { title: 'x', file: 'y' },
		});
		expect(response.status).toBe(400);
	});
});
