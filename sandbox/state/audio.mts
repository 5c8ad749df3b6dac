import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Playable audio files and a readable fax, without an encoder at run time.
//
// Recordings repeat the frames of `voice.mp3`, four seconds of two alternating tones. Its bit rate is
// constant, so a recording of any length is a whole number of frames, and its size is known without
// building it. Any MP3 without an ID3 tag whose frames have the format below can replace the file.

/** Size of a frame of MPEG-2 layer III at 16 kHz and 16 kbit/s, mono. */
const FRAME_BYTES = 72;
const FRAME_MS = 36;
const WAV_SAMPLE_RATE = 8000;
const WAV_HEADER_BYTES = 44;

let voice: Buffer | undefined;

/** The frames of `voice.mp3`, read once per process. */
function voiceFrames(): Buffer {
	voice ??= readFileSync(join(import.meta.dirname, 'voice.mp3'));
	return voice;
}

/** Size in bytes of the MP3 file of a recording. */
export function mp3Size(seconds: number): number {
	return Math.max(1, Math.ceil((seconds * 1000) / FRAME_MS)) * FRAME_BYTES;
}

/** A playable MP3 file. The same name gives the same bytes; another name starts at another frame. */
export function mp3Of(name: string, seconds: number): Buffer {
	const frames = voiceFrames();
	let hash = 0;
	for (const char of name) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
	let offset = (hash % (frames.length / FRAME_BYTES)) * FRAME_BYTES;
	const out = Buffer.alloc(mp3Size(seconds));
	for (let at = 0; at < out.length; offset = 0) at += frames.copy(out, at, offset);
	return out;
}

const wavSamples = (seconds: number) => Math.max(1, Math.round(seconds * WAV_SAMPLE_RATE));

/** Size in bytes of the WAV file of a voicemail. */
export const wavSize = (seconds: number) => WAV_HEADER_BYTES + wavSamples(seconds) * 2;

/** A 16-bit mono PCM WAV with a soft tone. */
export function wavOf(seconds: number, hertz: number): Buffer {
	const samples = wavSamples(seconds);
	const out = Buffer.alloc(wavSize(seconds));
	out.write('RIFF', 0, 'latin1');
	out.writeUInt32LE(out.length - 8, 4);
	out.write('WAVEfmt ', 8, 'latin1');
	out.writeUInt32LE(16, 16); // size of the format chunk
	out.writeUInt16LE(1, 20); // PCM
	out.writeUInt16LE(1, 22); // mono
	out.writeUInt32LE(WAV_SAMPLE_RATE, 24);
	out.writeUInt32LE(WAV_SAMPLE_RATE * 2, 28);
	out.writeUInt16LE(2, 32);
	out.writeUInt16LE(16, 34);
	out.write('data', 36, 'latin1');
	out.writeUInt32LE(samples * 2, 40);
	for (let n = 0; n < samples; n++) {
		const swell = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WAV_SAMPLE_RATE);
		const value = 6000 * swell * Math.sin((2 * Math.PI * hertz * n) / WAV_SAMPLE_RATE);
		out.writeInt16LE(Math.round(value), WAV_HEADER_BYTES + n * 2);
	}
	return out;
}

/** A PDF of one page with these lines of text. */
export function faxPdf(lines: string[]): Buffer {
	const text = lines
		.map((line) => `(${line.replace(/[\\()]/g, '\\$&').replace(/[^ -~]/g, '?')}) Tj T*`)
		.join(' ');
	const stream = `BT /F1 14 Tf 18 TL 72 770 Td ${text} ET`;
	const objects = [
		'<< /Type /Catalog /Pages 2 0 R >>',
		'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	];
	let body = '%PDF-1.4\n';
	const offsets: number[] = [];
	objects.forEach((object, index) => {
		offsets.push(body.length);
		body += `${index + 1} 0 obj\n${object}\nendobj\n`;
	});
	const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
	const size = objects.length + 1;
	return Buffer.from(
		`${body}xref\n0 ${size}\n0000000000 65535 f \n${table}` +
			`trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`,
		'latin1',
	);
}

/**
 * Detects the type of a sound file by its first bytes.
 * @returns undefined for anything but an MP3 or a WAV with PCM or G.711 samples. As in the PBX's
 * documentation, a WAV with floating-point samples or without a format chunk is not accepted.
 */
export function detectAudioType(file: Buffer): 'audio/x-wav' | 'audio/mpeg' | undefined {
	if (file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WAVE') {
		const chunk = file.indexOf('fmt ', 12, 'latin1');
		if (chunk < 0 || chunk + 10 > file.length) return undefined;
		return [1, 6, 7].includes(file.readUInt16LE(chunk + 8)) ? 'audio/x-wav' : undefined;
	}
	if (file.toString('latin1', 0, 3) === 'ID3') return 'audio/mpeg';
	const layer3 = file.length > 3 && file[0] === 0xff && (file[1] & 0xe6) === 0xe2;
	return layer3 ? 'audio/mpeg' : undefined;
}
