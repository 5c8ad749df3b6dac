/** What a file is by its bytes, and which sounds the PBX takes. */
import fc from 'fast-check';

import { mimeOf, soundProblem, typeOfBytes, typeOfMime } from '../../nodes/RingMe/files/fileType';
import { mp3Of, wavOf } from '../../sandbox/state/audio.mts';

const ascii = (text: string) => Buffer.from(text, 'latin1');

/** A WAV file of these parts. */
function wav(...parts: Array<[id: string, body: Buffer]>) {
	const body = Buffer.concat(
		parts.map(([id, bytes]) => {
			const size = Buffer.alloc(4);
			size.writeUInt32LE(bytes.length);
			return Buffer.concat([ascii(id), size, bytes, Buffer.alloc(bytes.length % 2)]);
		}),
	);
	return Buffer.concat([ascii('RIFF\0\0\0\0WAVE'), body]);
}

/** A `fmt ` part with this tag; for 0xfffe, with the tag of the samples inside. */
function format(tag: number, inner?: number) {
	const bytes = Buffer.alloc(inner === undefined ? 16 : 40);
	bytes.writeUInt16LE(tag, 0);
	if (inner !== undefined) bytes.writeUInt16LE(inner, 24);
	return ['fmt ', bytes] as [string, Buffer];
}
const samples: [string, Buffer] = ['data', Buffer.alloc(64)];

describe('typeOfBytes', () => {
	it.each([
		['%PDF-1.4', 'pdf'],
		['RIFF\x10\0\0\0WAVEfmt ', 'wav'],
		['RIFF\x10\0\0\0AVI ', undefined],
		['OggS\0', 'ogg'],
		['II*\0', 'tif'],
		['MM\0*', 'tif'],
		['ID3\x04', 'mp3'],
		['\xff\xfb\x90\x64', 'mp3'],
		['\xff\xf3\x28\xc4', 'mp3'],
		['\xff\xfb\xf0\x64', undefined],
		['\xff\xf9\x50\x80', undefined],
		['\xff', undefined],
		['<html>', undefined],
		['{"message":"no"}', undefined],
		['', undefined],
	])('%j', (bytes, type) => {
		expect(typeOfBytes(ascii(bytes))).toBe(type);
	});

	it('knows the files of the sandbox', () => {
		expect(typeOfBytes(wavOf(1, 440))).toBe('wav');
		expect(typeOfBytes(mp3Of('x', 3))).toBe('mp3');
	});

	it('takes anything', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
				typeOfBytes(Buffer.from(bytes));
				soundProblem(Buffer.concat([ascii('RIFF\0\0\0\0WAVE'), Buffer.from(bytes)]));
			}),
		);
	});
});

describe('typeOfMime', () => {
	it.each([
		['audio/mpeg', 'mp3'],
		['audio/x-wav', 'wav'],
		['audio/vnd.wave', 'wav'],
		['application/pdf', 'pdf'],
		['image/tiff', 'tif'],
		['text/html', undefined],
		['toString', undefined],
	])('%s', (mime, type) => {
		expect(typeOfMime(mime)).toBe(type);
	});

	it('is the way back', () => {
		for (const type of ['mp3', 'ogg', 'pdf', 'tif', 'wav'] as const) {
			expect(typeOfMime(mimeOf(type))).toBe(type);
		}
	});
});

describe('soundProblem', () => {
	it.each([
		['PCM', wav(format(1), samples), undefined],
		['G.711', wav(format(6), samples), undefined],
		['PCM said further on', wav(format(0xfffe, 1), samples), undefined],
		['a part before the format', wav(['LIST', Buffer.alloc(7)], format(1), samples), undefined],
		['the sandbox', wavOf(1, 440), undefined],
		['MP3', mp3Of('x', 1), undefined],
		['float', wav(format(3), samples), 'is a WAV with floating point samples'],
		['float further on', wav(format(0xfffe, 3), samples), 'is a WAV with floating point samples'],
		['no format', wav(samples), 'is a WAV without a format header'],
		['nothing after the head', wav(), 'is a WAV without a format header'],
		['a cut format', wav(format(1)).subarray(0, 30), 'is a WAV without a format header'],
		['a short format further on', wav(format(0xfffe), samples), 'is a WAV without a format header'],
		['Ogg', ascii('OggS\0\0\0\0'), 'is neither WAV nor MP3'],
		['nothing', Buffer.alloc(0), 'is empty'],
	])('%s', (_, bytes, problem) => {
		expect(soundProblem(bytes)).toBe(problem);
	});

	it('draws the line at 10 MB', () => {
		const largest = Buffer.alloc(10 * 1024 * 1024);
		largest.write('ID3');
		expect(soundProblem(largest)).toBeUndefined();
		expect(soundProblem(Buffer.concat([largest, Buffer.alloc(1)]))).toBe('is larger than 10 MB');
	});
});
