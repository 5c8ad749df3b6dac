/** Files through n8n's engine: down from the PBX, up to it, and the periods of recordings. */
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { mp3Of, wavOf } from '../../sandbox/state/audio.mts';
import { binaryProperty, type BinaryMode } from '../harness/binary.mts';
import { createEngine } from '../harness/engine.mts';
import { accessToken, byId, links, oAuth2, openBench, type Bench } from '../harness/pbx.mts';
import { startTestServer } from '../support/testServer.mts';

type Options = Parameters<Bench['run']>[1];

let bench: Bench;
beforeAll(async () => (bench = await openBench()));
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

const run = async (
	resource: string,
	operation: string,
	parameters: IDataObject = {},
	options: Options = {},
) => await bench.run({ resource, operation, ...(parameters as object) }, options);

const requests = () => bench.sandbox.journal.api();
const recordings = () => bench.sandbox.store.records.list();
const withLogin = () => ({
	credentials: {
		ringMeApi: {
			...accessToken(bench.sandbox),
			pbxLogin: 'admin',
			pbxPassword: 'sandbox-password',
		},
	},
});

describe.each<BinaryMode>(['default', 'filesystem'])('a download, kept in mode %s', (mode) => {
	const get = async (options: Options = {}, operation = 'download', more: IDataObject = {}) => {
		const engine = await createEngine({ binaryMode: mode });
		const [record] = recordings();
		const result = await engine.run({
			node: 'ringMe',
			parameters: {
				authentication: 'accessToken',
				resource: 'recording',
				operation,
				recordUuid: byId(record.record_uuid),
				...(more as object),
			},
			credentials: { ringMeApi: accessToken(bench.sandbox) },
			...options,
		});
		const bytes = async (field = 'data') => await engine.readBinary(result.items[0], field);
		return { ...result, record, bytes };
	};

	it('becomes a binary with name, type and size, and none of it stands in the JSON', async () => {
		const { json, items, record, bytes } = await get({}, 'download', {
			binaryPropertyName: 'call',
		});
		const audio = mp3Of(record.record_uuid, record.duration);
		expect(json).toEqual([
			{
				id: record.record_uuid,
				fileName: `${record.record_uuid}.mp3`,
				mimeType: 'audio/mpeg',
				size: audio.length,
			},
		]);
		expect(await bytes('call')).toEqual(audio);
		expect(items[0].binary?.call).toMatchObject({ fileExtension: 'mp3', mimeType: 'audio/mpeg' });
		expect(links(items)).toEqual([0]);
		expect(requests()[0].headers).toMatchObject({ accept: '*/*' });
	});

	it('is fetched again after it broke off', async () => {
		bench.sandbox.faults.add({ kind: 'truncate' });
		const { record, bytes } = await get();
		expect(await bytes()).toEqual(mp3Of(record.record_uuid, record.duration));
		expect(requests()).toHaveLength(2);
	});

	it('is fetched with a new token after the old one died', async () => {
		const credentials = { ringMeOAuth2Api: oAuth2(bench.sandbox) };
		bench.sandbox.faults.add({ kind: 'tokenDeath', match: { path: '/record/' } });
		const more = { authentication: 'oAuth2' };
		const { record, bytes } = await get({ credentials }, 'download', more);
		expect(await bytes()).toEqual(mp3Of(record.record_uuid, record.duration));
		expect(requests().map(({ status }) => status)).toEqual([401, 200]);
	});

	it.each([
		['a page', { kind: 'html200' }, 'Log in'],
		['a message', { kind: 'status', status: 200, body: { message: 'Not ready' } }, 'Not ready'],
		['nothing', { kind: 'emptyBody' }, 'nothing'],
	] as const)('is no file where the PBX sends %s', async (_, fault, words) => {
		bench.sandbox.faults.add(fault);
		const { error, items } = await get();
		expect(error?.message).toBe('The PBX gave no file');
		expect(error?.description).toContain(words);
		expect(items).toEqual([]);
	});

	it('that is refused is told in the words of the PBX', async () => {
		bench.sandbox.faults.add({ kind: 'status', status: 500, body: { message: 'Disk gone' } });
		const { error } = await get();
		expect(error?.message).toBe('The PBX failed: Disk gone');
	});

	it.each([
		["attachment; filename*=UTF-8''%D0%97%D0%B2", '%PDF-1.4', 'Зв.pdf', 'application/pdf'],
		['attachment; filename="../../x.wav"', 'RIFF0000WAVEfmt ', 'x.wav', 'audio/wav'],
		['attachment', 'OggS0', undefined, 'audio/ogg'],
		['attachment; filename=raw.bin', '\u0001\u0002', 'raw.bin', 'application/octet-stream'],
	])('of no type, as %s, is known by its bytes', async (disposition, body, name, mimeType) => {
		bench.sandbox.faults.add({
			kind: 'status',
			...{ status: 200, contentType: 'application/octet-stream', body },
			headers: { 'content-disposition': disposition },
		});
		const { json, record } = await get();
		const fileName = name ?? `recording-${record.record_uuid}.ogg`;
		expect(json[0]).toMatchObject({ fileName, mimeType });
	});
});

it('a large file flows to where n8n keeps files without being whole in memory', async () => {
	const MB = 1024 * 1024;
	const SIZE = 200;
	const part = Buffer.alloc(MB, 'ID3');
	const server = await startTestServer(async (_, response) => {
		response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': SIZE * MB });
		for (let sent = 0; sent < SIZE; sent++) {
			if (!response.write(part)) await new Promise((drained) => response.once('drain', drained));
		}
		response.end();
	});
	const engine = await createEngine({ binaryMode: 'filesystem' });
	const memory = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
	const before = memory();
	let most = 0;
	const watch = setInterval(() => (most = Math.max(most, memory() - before)), 10);
	const { json } = await engine.run({
		node: 'ringMe',
		parameters: {
			...{ authentication: 'accessToken', resource: 'recording', operation: 'download' },
			recordUuid: byId('1-a'),
		},
		credentials: {
			ringMeApi: { ...accessToken(bench.sandbox), baseUrl: server.url },
		},
	});
	clearInterval(watch);
	await server.stop();
	expect(json[0]).toMatchObject({ size: SIZE * MB });
	expect(most).toBeLessThan((SIZE / 2) * MB);
});

describe('Download with Basic Auth', () => {
	const parameters = () => ({ recordUuid: byId(recordings()[0].record_uuid) });

	it('sends login and password, and no token', async () => {
		const { json } = await run('recording', 'downloadBasicAuth', parameters(), withLogin());
		expect(json[0]).toMatchObject({ mimeType: 'audio/mpeg' });
		expect(requests()).toHaveLength(1);
		expect(requests()[0].headers.authorization).toMatch(/^Basic /);
	});

	it('says what is missing or wrong in the credential', async () => {
		const without = await run('recording', 'downloadBasicAuth', parameters());
		expect(without.error?.message).toBe('The credential has no PBX Login and PBX Password');
		expect(requests()).toEqual([]);
		const credentials = { ringMeApi: { ...withLogin().credentials.ringMeApi, pbxPassword: 'no' } };
		const wrong = await run('recording', 'downloadBasicAuth', parameters(), { credentials });
		expect(wrong.error?.message).toBe('The PBX does not accept the login and password');
	});
});

describe('an upload', () => {
	const wav = wavOf(1, 440);
	const withFile = (
		bytes: Buffer,
		field = 'data',
		fileName = 'hello.wav',
	): INodeExecutionData[] => [
		{ json: {}, binary: { [field]: binaryProperty(bytes, fileName, 'audio/x-wav') } },
	];
	const upload = async (items: INodeExecutionData[], options: Options = {}) =>
		await run(
			'sound',
			'upload',
			{ soundTitle: 'Приветствие', soundFile: 'data' },
			{
				items,
				...options,
			},
		);
	const stored = (id: unknown) => bench.sandbox.store.sounds.get(id as number);

	it('brings title and file, with name and type', async () => {
		const { json } = await upload(withFile(wav));
		expect(requests()[0].body).toEqual({
			title: 'Приветствие',
			file: { filename: 'hello.wav', mimetype: 'audio/wav', size: wav.length },
		});
		expect(stored(json[0].id)).toMatchObject({ title: 'Приветствие', audio: wav });
	});

	it('replaces a file, and leaves the title that is not given', async () => {
		const { json } = await upload(withFile(wav));
		const audio = mp3Of('x', 2);
		const parameters = { soundId: byId(json[0].id as number), soundFile: 'voice' };
		await run('sound', 'replaceFile', parameters, { items: withFile(audio, 'voice', '') });
		expect(requests()[1].body).toEqual({
			file: { filename: 'sound.mp3', mimetype: 'audio/mpeg', size: audio.length },
		});
		expect(stored(json[0].id)).toMatchObject({ title: 'Приветствие', audio });
	});

	it('survives the death of the token, and is done once', async () => {
		const before = bench.sandbox.store.sounds.list().length;
		bench.sandbox.faults.add({ kind: 'tokenDeath', match: { path: '/sound/' } });
		const credentials = { ringMeOAuth2Api: oAuth2(bench.sandbox) };
		const parameters = { authentication: 'oAuth2', soundTitle: 'x', soundFile: 'data' };
		const { json } = await run('sound', 'upload', parameters, {
			items: withFile(wav),
			credentials,
		});
		expect(requests().map(({ status }) => status)).toEqual([401, 201]);
		expect(stored(json[0].id)?.audio).toEqual(wav);
		expect(bench.sandbox.store.sounds.list()).toHaveLength(before + 1);
	});

	it('whose answer is lost is not repeated', async () => {
		bench.sandbox.faults.add({ kind: 'dropAfter' });
		const { error } = await upload(withFile(wav));
		expect(error?.message).toContain('unknown whether it did');
		expect(requests()).toHaveLength(1);
	});

	it.each([
		['text', withFile(Buffer.from('hello'), 'data', 'a.txt'), 'in "data" (a.txt) is neither WAV'],
		['too much', withFile(Buffer.concat([mp3Of('x', 1), Buffer.alloc(11e6)])), 'larger than 10 MB'],
		['another field', withFile(wav, 'voice'), 'the item has no file in "data"'],
		['no file', [{ json: {} }], 'the item has no file in "data"'],
	])('of %s is refused before anything is sent', async (_, items, words) => {
		const { error } = await upload(items);
		expect(error?.message).toContain('Input Data Field Name');
		expect(error?.message).toContain(words);
		expect(requests()).toEqual([]);
	});
});

describe('recordings of a long period', () => {
	const YEAR = { start: '2025-01-20T00:00:00Z', end: '2026-01-31T23:59:59Z' };
	const period = ({ start, end }: typeof YEAR) => ({
		recordingStartDatetime: start,
		recordingEndDatetime: end,
	});
	const uuids = (list: object[]) => list.map((each) => (each as IDataObject).record_uuid);
	const inTime = () => recordings().sort((a, b) => a.init_time_gmt.localeCompare(b.init_time_gmt));

	/** Two calls at the very seams, one of them with a fraction of a second. */
	const atSeams = () => {
		const [first, second] = recordings();
		Object.assign(first, { init_time_gmt: '2025-11-30 23:59:59.98' });
		Object.assign(second, { init_time_gmt: '2025-10-31 23:59:59' });
	};

	it('come all, once and in order, in requests that the PBX takes', async () => {
		atSeams();
		const parameters = { ...period(YEAR), returnAll: true };
		const newest = await run('recording', 'getMany', parameters);
		expect(uuids(newest.json)).toEqual(uuids(inTime().reverse()));
		const oldest = await run('recording', 'getMany', {
			...parameters,
			recordingFilters: { order: 'asc' },
		});
		expect(uuids(oldest.json)).toEqual(uuids(inTime()));
		expect(requests().every(({ status }) => status === 200)).toBe(true);
	});

	it('come up to the limit, and no more is asked for', async () => {
		const { json } = await run('recording', 'getMany', { ...period(YEAR), limit: 5 });
		expect(uuids(json)).toEqual(uuids(inTime().reverse().slice(0, 5)));
		expect(requests()).toHaveLength(1);
	});

	it('are counted once', async () => {
		atSeams();
		const { json } = await run('recording', 'getStatistics', period(YEAR));
		const files_size = recordings().reduce((sum, { record_file_size: size }) => sum + size, 0);
		expect(json).toEqual([{ records_count: recordings().length, files_size }]);
		expect(bench.sandbox.journal.maxInFlight).toBe(1);
	});

	it('are removed part after part; a failure says how far it came', async () => {
		atSeams();
		bench.sandbox.faults.add({
			kind: 'status',
			...{ status: 400, body: { message: 'No' }, after: 9 },
		});
		const { error } = await run('recording', 'deleteMany', period(YEAR));
		expect(error?.description).toContain('Everything up to 2025-10-31 23:59:59 UTC is removed');
		const { json } = await run('recording', 'deleteMany', period(YEAR));
		expect(json).toEqual([{ deleted: true }]);
		expect(recordings()).toEqual([]);
	});

	it('that ends before it starts is not asked for', async () => {
		const { error } = await run('recording', 'getMany', {
			...period({ start: YEAR.end, end: YEAR.start }),
		});
		expect(error?.message).toContain('before it starts');
		expect(requests()).toEqual([]);
	});
});

describe('lists to pick from', () => {
	const search = async (method: string) =>
		(
			await bench.engine.listSearch(method, {
				node: 'ringMe',
				parameters: { authentication: 'accessToken' },
				credentials: { ringMeApi: accessToken(bench.sandbox) },
			})
		).results;

	it('show sounds, phone events and sessions as a person knows them', async () => {
		await run('phoneEvent', 'create', {
			...{ phoneEventEventType: 'hangup', phoneEventMethod: 'POST' },
			phoneEventUrl: 'http://127.0.0.1:9/ended',
		});
		const names = async (method: string) => (await search(method)).map(({ name }) => name);
		expect(await names('searchSound')).toContain('Greeting');
		expect(await names('searchPhoneEvent')).toEqual(['Call Ended → http://127.0.0.1:9/ended']);
		expect((await names('searchOauthSession'))[0]).toMatch(/^User \d+, application sandbox-app/);
	});
});
