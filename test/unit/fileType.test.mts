/** The type of a file by its bytes, and which sounds the PBX accepts. */
import fc from 'fast-check';

import { mimeOf, soundProblem, typeOfBytes, typeOfMime } from '../../nodes/shared/files/fileType';
import { mp3Of, wavOf } from '../../sandbox/state/audio.mts';

const ascii = (text: string) => Buffer.from(text, 'latin1');

/** A WAV file of these chunks. */
function wav(...chunks: Array<[id: string, body: Buffer]>) {
	const body = Buffer.concat(
		chunks.map(([id, bytes]) => {
			const size = Buffer.alloc(4);
			size.writeUInt32LE(bytes.length);
			return Buffer.concat([ascii(id), size, bytes, Buffer.alloc(bytes.length % 2)]);
		}),
	);
	return Buffer.concat([ascii('RIFF\0\0\0\0WAVE'), body]);
}

/** A `fmt ` chunk with this tag; for 0xfffe (extensible), with the tag of the samples in its extension. */
function format(tag: number, extensionTag?: number) {
	const bytes = Buffer.alloc(extensionTag === undefined ? 16 : 40);
	bytes.writeUInt16LE(tag, 0);
	if (extensionTag !== undefined) bytes.writeUInt16LE(extensionTag, 24);
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
	])('recognizes the type of %j', (bytes, type) => {
		expect(typeOfBytes(ascii(bytes))).toBe(type);
	});

	it('recognizes the files of the sandbox', () => {
		expect(typeOfBytes(wavOf(1, 440))).toBe('wav');
		expect(typeOfBytes(mp3Of('x', 3))).toBe('mp3');
	});

	it('and soundProblem throw for no bytes', () => {
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
	])('returns the file type of %s', (mime, type) => {
		expect(typeOfMime(mime)).toBe(type);
	});

	it('is the inverse of mimeOf', () => {
		for (const type of ['mp3', 'ogg', 'pdf', 'tif', 'wav'] as const) {
			expect(typeOfMime(mimeOf(type))).toBe(type);
		}
	});
});

describe('soundProblem', () => {
	it.each([
		['PCM', wav(format(1), samples), undefined],
		['G.711', wav(format(6), samples), undefined],
		['PCM in the extension', wav(format(0xfffe, 1), samples), undefined],
		[
			'another chunk before the format',
			wav(['LIST', Buffer.alloc(7)], format(1), samples),
			undefined,
		],
		['a sound of the sandbox', wavOf(1, 440), undefined],
		['MP3', mp3Of('x', 1), undefined],
		['floating point samples', wav(format(3), samples), 'is a WAV with floating point samples'],
		[
			'float in the extension',
			wav(format(0xfffe, 3), samples),
			'is a WAV with floating point samples',
		],
		['no format chunk', wav(samples), 'is a WAV without a format header'],
		['nothing after the header', wav(), 'is a WAV without a format header'],
		['an incomplete format', wav(format(1)).subarray(0, 30), 'is a WAV without a format header'],
		[
			'an extensible format without extension',
			wav(format(0xfffe), samples),
			'is a WAV without a format header',
		],
		['Ogg', ascii('OggS\0\0\0\0'), 'is neither WAV nor MP3'],
		['no bytes', Buffer.alloc(0), 'is empty'],
	])('finds the problem of a sound with %s', (_, bytes, problem) => {
		expect(soundProblem(bytes)).toBe(problem);
	});

	it('accepts exactly 10 MB', () => {
		const largest = Buffer.alloc(10 * 1024 * 1024);
		largest.write('ID3');
		expect(soundProblem(largest)).toBeUndefined();
		expect(soundProblem(Buffer.concat([largest, Buffer.alloc(1)]))).toBe('is larger than 10 MB');
	});
});
