/** Files in n8n's engine: downloads, uploads, and recordings of long periods. */
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { mp3Of, wavOf } from '../../sandbox/state/audio.mts';
import { binaryProperty, type BinaryMode } from '../harness/binary.mts';
import { createEngine } from '../harness/engine.mts';
import {
	accessToken,
	byId,
	setupFixture,
	links,
	oAuth2,
	searchList,
	type Fixture,
} from '../harness/fixture.mts';
import { startTestServer } from '../support/testServer.mts';

type Options = Parameters<Fixture['run']>[1];

const fixture = setupFixture();

const run = async (
	resource: string,
	operation: string,
	parameters: IDataObject = {},
	options: Options = {},
) => await fixture.run({ resource, operation, ...(parameters as object) }, options);

const requests = () => fixture.sandbox.journal.api();
const recordings = () => fixture.sandbox.store.records.list();
const withPbxLogin = () => ({
	credentials: {
		ringMeApi: {
			...accessToken(fixture.sandbox),
			pbxLogin: 'admin',
			pbxPassword: 'sandbox-password',
		},
	},
});

describe.each<BinaryMode>(['default', 'filesystem'])(
	'a download with binary data in mode %s',
	(mode) => {
		const download = async (options: Options = {}, parameters: IDataObject = {}) => {
			const engine = await createEngine({ binaryMode: mode });
			const [record] = recordings();
			const result = await engine.run({
				node: 'ringMe',
				parameters: {
					authentication: 'accessToken',
					resource: 'recording',
					operation: 'download',
					recordUuid: byId(record.record_uuid),
					...(parameters as object),
				},
				credentials: { ringMeApi: accessToken(fixture.sandbox) },
				...options,
			});
			const readBytes = async (field = 'data') => await engine.readBinary(result.items[0], field);
			return { ...result, record, readBytes };
		};

		it('outputs a file as binary data with its name, type and size, and without its bytes in the JSON', async () => {
			const { json, items, record, readBytes } = await download({}, { binaryPropertyName: 'call' });
			const audio = mp3Of(record.record_uuid, record.duration);
			expect(json).toEqual([
				{
					id: record.record_uuid,
					fileName: `${record.record_uuid}.mp3`,
					mimeType: 'audio/mpeg',
					size: audio.length,
				},
			]);
			expect(await readBytes('call')).toEqual(audio);
			expect(items[0].binary?.call).toMatchObject({ fileExtension: 'mp3', mimeType: 'audio/mpeg' });
			expect(links(items)).toEqual([0]);
			expect(requests()[0].headers).toMatchObject({ accept: '*/*' });
		});

		it('requests a file again whose download was interrupted', async () => {
			fixture.sandbox.faults.add({ kind: 'truncate' });
			const { record, readBytes } = await download();
			expect(await readBytes()).toEqual(mp3Of(record.record_uuid, record.duration));
			expect(requests()).toHaveLength(2);
		});

		it('downloads a file with a renewed token after the old one expired', async () => {
			const credentials = { ringMeOAuth2Api: oAuth2(fixture.sandbox) };
			fixture.sandbox.faults.add({ kind: 'tokenDeath', match: { path: '/record/' } });
			const { record, readBytes } = await download({ credentials }, { authentication: 'oAuth2' });
			expect(await readBytes()).toEqual(mp3Of(record.record_uuid, record.duration));
			expect(requests().map(({ status }) => status)).toEqual([401, 200]);
		});

		it.each([
			['an HTML page', { kind: 'html200' }, 'Log in'],
			['a message', { kind: 'status', status: 200, body: { message: 'Not ready' } }, 'Not ready'],
			['nothing', { kind: 'emptyBody' }, 'nothing'],
		] as const)('fails where the PBX returns %s instead of a file', async (_, fault, text) => {
			fixture.sandbox.faults.add(fault);
			const { error, items } = await download();
			expect(error?.message).toBe('The PBX returned no file');
			expect(error?.description).toContain(text);
			expect(items).toEqual([]);
		});

		it('fails with the message of the PBX for an error status', async () => {
			fixture.sandbox.faults.add({ kind: 'status', status: 500, body: { message: 'Disk gone' } });
			const { error } = await download();
			expect(error?.message).toBe('The PBX could not process the request: Disk gone');
		});

		it.each([
			["attachment; filename*=UTF-8''%D0%97%D0%B2", '%PDF-1.4', 'Зв.pdf', 'application/pdf'],
			['attachment; filename="../../x.wav"', 'RIFF0000WAVEfmt ', 'x.wav', 'audio/wav'],
			['attachment', 'OggS0', undefined, 'audio/ogg'],
			['attachment; filename=raw.bin', '\u0001\u0002', 'raw.bin', 'application/octet-stream'],
		])(
			'detects the type of a file by its bytes where the PBX sends none: %s',
			async (disposition, body, name, mimeType) => {
				fixture.sandbox.faults.add({
					kind: 'status',
					status: 200,
					contentType: 'application/octet-stream',
					body,
					headers: { 'content-disposition': disposition },
				});
				const { json, record } = await download();
				const fileName = name ?? `recording-${record.record_uuid}.ogg`;
				expect(json[0]).toMatchObject({ fileName, mimeType });
			},
		);
	},
);

it('streams a large file to the storage of n8n without having it whole in memory', async () => {
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
	const usedMemory = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
	const before = usedMemory();
	let maxGrowth = 0;
	const measure = () => (maxGrowth = Math.max(maxGrowth, usedMemory() - before));
	const timer = setInterval(measure, 10);
	const { json } = await engine.run({
		node: 'ringMe',
		parameters: {
			authentication: 'accessToken',
			resource: 'recording',
			operation: 'download',
			recordUuid: byId('1-a'),
		},
		credentials: {
			ringMeApi: { ...accessToken(fixture.sandbox), baseUrl: server.url },
		},
	});
	clearInterval(timer);
	await server.stop();
	expect(json[0]).toMatchObject({ size: SIZE * MB });
	expect(maxGrowth).toBeLessThan((SIZE / 2) * MB);
});

describe('Download with Basic Auth', () => {
	const parameters = () => ({ recordUuid: byId(recordings()[0].record_uuid) });

	it('sends login and password instead of the token', async () => {
		const { json } = await run('recording', 'downloadBasicAuth', parameters(), withPbxLogin());
		expect(json[0]).toMatchObject({ mimeType: 'audio/mpeg' });
		expect(requests()).toHaveLength(1);
		expect(requests()[0].headers.authorization).toMatch(/^Basic /);
	});

	it('fails where the credential has no login, or the PBX rejects it', async () => {
		const without = await run('recording', 'downloadBasicAuth', parameters());
		expect(without.error?.message).toBe("The credential has no 'PBX Login' and 'PBX Password'");
		expect(requests()).toEqual([]);
		const credentials = {
			ringMeApi: { ...withPbxLogin().credentials.ringMeApi, pbxPassword: 'no' },
		};
		const wrong = await run('recording', 'downloadBasicAuth', parameters(), { credentials });
		expect(wrong.error?.message).toBe('The PBX rejected the login and password');
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
	const storedSound = (id: unknown) => fixture.sandbox.store.sounds.get(id as number);

	it('uploads a title and a file with its name and type', async () => {
		const { json } = await upload(withFile(wav));
		expect(requests()[0].body).toEqual({
			title: 'Приветствие',
			file: { filename: 'hello.wav', mimetype: 'audio/wav', size: wav.length },
		});
		expect(storedSound(json[0].id)).toMatchObject({ title: 'Приветствие', audio: wav });
	});

	it('replaces a file without changing the title', async () => {
		const { json } = await upload(withFile(wav));
		const audio = mp3Of('x', 2);
		const parameters = { soundId: byId(json[0].id as number), soundFile: 'voice' };
		await run('sound', 'replaceFile', parameters, { items: withFile(audio, 'voice', '') });
		expect(requests()[1].body).toEqual({
			file: { filename: 'sound.mp3', mimetype: 'audio/mpeg', size: audio.length },
		});
		expect(storedSound(json[0].id)).toMatchObject({ title: 'Приветствие', audio });
	});

	it('uploads a file once with a renewed token after the old one expired', async () => {
		const before = fixture.sandbox.store.sounds.list().length;
		fixture.sandbox.faults.add({ kind: 'tokenDeath', match: { path: '/sound/' } });
		const credentials = { ringMeOAuth2Api: oAuth2(fixture.sandbox) };
		const parameters = { authentication: 'oAuth2', soundTitle: 'x', soundFile: 'data' };
		const { json } = await run('sound', 'upload', parameters, {
			items: withFile(wav),
			credentials,
		});
		expect(requests().map(({ status }) => status)).toEqual([401, 201]);
		expect(storedSound(json[0].id)?.audio).toEqual(wav);
		expect(fixture.sandbox.store.sounds.list()).toHaveLength(before + 1);
	});

	it('does not send an upload again whose response was lost', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter' });
		const { error } = await upload(withFile(wav));
		expect(error?.message).toContain('unknown whether the request was executed');
		expect(requests()).toHaveLength(1);
	});

	it.each([
		[
			'a text file',
			withFile(Buffer.from('hello'), 'data', 'a.txt'),
			'in "data" (a.txt) is neither WAV',
		],
		[
			'a file that is too large',
			withFile(Buffer.concat([mp3Of('x', 1), Buffer.alloc(11e6)])),
			'larger than 10 MB',
		],
		['a file in another field', withFile(wav, 'voice'), 'the item has no file in "data"'],
		['an item without files', [{ json: {} }], 'the item has no file in "data"'],
	])('rejects the upload of %s before anything is sent', async (_, items, text) => {
		const { error } = await upload(items);
		expect(error?.message).toContain("'Input Data Field Name'");
		expect(error?.message).toContain(text);
		expect(requests()).toEqual([]);
	});
});

describe('recordings of a long period', () => {
	const YEAR = { start: '2025-01-20T00:00:00Z', end: '2026-01-31T23:59:59Z' };
	const toParameters = ({ start, end }: typeof YEAR) => ({
		startDatetime: start,
		endDatetime: end,
	});
	const uuidsOf = (records: object[]) =>
		records.map((record) => (record as IDataObject).record_uuid);
	const oldestFirst = () =>
		recordings().sort((a, b) => a.init_time_gmt.localeCompare(b.init_time_gmt));

	/** Moves two recordings to the ends of months, where periods are split; one has a fraction of a second. */
	const moveToMonthEnds = () => {
		const [first, second] = recordings();
		Object.assign(first, { init_time_gmt: '2025-11-30 23:59:59.98' });
		Object.assign(second, { init_time_gmt: '2025-10-31 23:59:59' });
	};

	it('lists all recordings of a long period once and in order, in periods that the PBX accepts', async () => {
		moveToMonthEnds();
		const parameters = { ...toParameters(YEAR), returnAll: true };
		const newest = await run('recording', 'getMany', parameters);
		expect(uuidsOf(newest.json)).toEqual(uuidsOf(oldestFirst().reverse()));
		const oldest = await run('recording', 'getMany', {
			...parameters,
			recordingFilters: { order: 'asc' },
		});
		expect(uuidsOf(oldest.json)).toEqual(uuidsOf(oldestFirst()));
		expect(requests().every(({ status }) => status === 200)).toBe(true);
	});

	it('requests no further period after the limit is reached', async () => {
		const { json } = await run('recording', 'getMany', { ...toParameters(YEAR), limit: 5 });
		expect(uuidsOf(json)).toEqual(uuidsOf(oldestFirst().reverse().slice(0, 5)));
		expect(requests()).toHaveLength(1);
	});

	it('counts every recording of a long period once', async () => {
		moveToMonthEnds();
		const { json } = await run('recording', 'getStatistics', toParameters(YEAR));
		const files_size = recordings().reduce((sum, { record_file_size: size }) => sum + size, 0);
		expect(json).toEqual([{ records_count: recordings().length, files_size }]);
		expect(fixture.sandbox.journal.maxInFlight).toBe(1);
	});

	it('deletes the recordings of a long period step by step, and a failure reports the progress', async () => {
		moveToMonthEnds();
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 400,
			body: { message: 'No' },
			after: 9,
		});
		const { error } = await run('recording', 'deleteMany', toParameters(YEAR));
		expect(error?.description).toContain(
			'Everything up to 2025-10-31 23:59:59 UTC is already deleted',
		);
		const { json } = await run('recording', 'deleteMany', toParameters(YEAR));
		expect(json).toEqual([{ deleted: true }]);
		expect(recordings()).toEqual([]);
	});

	it('rejects a period that ends before it starts', async () => {
		const { error } = await run('recording', 'getMany', {
			...toParameters({ start: YEAR.end, end: YEAR.start }),
		});
		expect(error?.message).toContain('before it starts');
		expect(requests()).toEqual([]);
	});
});

describe('list search', () => {
	it('lists sounds, phone events and sessions by name', async () => {
		await run('phoneEvent', 'create', {
			phoneEventEventType: 'hangup',
			method: 'POST',
			url: 'http://127.0.0.1:9/ended',
		});
		const namesOf = async (method: string) =>
			(await searchList(fixture, method)).map(({ name }) => name);
		expect(await namesOf('searchSound')).toContain('Greeting');
		expect(await namesOf('searchPhoneEvent')).toEqual(['Call Ended → http://127.0.0.1:9/ended']);
		expect((await namesOf('searchOauthSession'))[0]).toMatch(/^User \d+, application sandbox-app/);
	});
});
