/**
 * Makes `voice.mp3`, the frames that every recording of the sandbox is built of. Run it once, by hand
 * (`npx tsx sandbox/state/make-audio.mts`), if the sound should change; the file is committed.
 */
import { writeFileSync } from 'node:fs';
import { Mp3Encoder } from '@breezystack/lamejs';

const RATE = 16_000;
const SECONDS = 4;
const FRAME_BYTES = 72;

// Two tones that take turns, like two people who speak to each other.
const samples = new Int16Array(RATE * SECONDS);
for (let n = 0; n < samples.length; n++) {
	const t = n / RATE;
	const pitch = t % 2 < 1 ? 165 : 220;
	const syllable = Math.abs(Math.sin(Math.PI * 3 * t));
	const wave = Math.sin(2 * Math.PI * pitch * t) + 0.4 * Math.sin(2 * Math.PI * 3 * pitch * t);
	samples[n] = Math.round(5000 * syllable * wave);
}
const encoder = new Mp3Encoder(1, RATE, 16);
const encoded = Buffer.concat([
	Buffer.from(encoder.encodeBuffer(samples)),
	Buffer.from(encoder.flush()),
]);
const whole = encoded.length - (encoded.length % FRAME_BYTES);
for (let at = 0; at < whole; at += FRAME_BYTES) {
	if (encoded.readUInt16BE(at) >>> 4 !== 0xfff) throw new Error(`no frame at byte ${at}`);
}
writeFileSync('sandbox/state/voice.mp3', encoded.subarray(0, whole));
