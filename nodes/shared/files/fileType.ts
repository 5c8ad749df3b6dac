/** The file types of a PBX. */
const MIME = {
	mp3: 'audio/mpeg',
	ogg: 'audio/ogg',
	pdf: 'application/pdf',
	tif: 'image/tiff',
	wav: 'audio/wav',
} as const;

export type FileType = keyof typeof MIME;

/** Other media types that servers use for them. */
const ALIASES = new Map<string, FileType>([
	['audio/mp3', 'mp3'],
	['audio/x-mp3', 'mp3'],
	['audio/x-mpeg', 'mp3'],
	['application/ogg', 'ogg'],
	['application/x-pdf', 'pdf'],
	['image/tif', 'tif'],
	['audio/vnd.wave', 'wav'],
	['audio/wave', 'wav'],
	['audio/x-wav', 'wav'],
]);

export const mimeOf = (type: FileType): string => MIME[type];

/** `audio/x-wav` → `wav`. */
export function typeOfMime(mime: string): FileType | undefined {
	const types = Object.keys(MIME) as FileType[];
	return types.find((type) => MIME[type] === mime) ?? ALIASES.get(mime);
}

/** The type of a file by its first bytes; undefined for any other. */
export function typeOfBytes(bytes: Buffer): FileType | undefined {
	const at = (start: number, word: string) =>
		bytes.toString('latin1', start, start + word.length) === word;
	if (at(0, '%PDF-')) return 'pdf';
	if (at(0, 'RIFF') && at(8, 'WAVE')) return 'wav';
	if (at(0, 'OggS')) return 'ogg';
	if (at(0, 'II*\0') || at(0, 'MM\0*')) return 'tif';
	if (at(0, 'ID3') || isMp3Frame(bytes)) return 'mp3';
	return undefined;
}

/**
 * Whether the first bytes of a file are text, as those of a message or an HTML page: whole characters of
 * UTF-8 without control characters. Those of a sound or a document never are.
 */
export function isText(bytes: Buffer): boolean {
	// From the tab to the carriage return, control characters belong to text.
	if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127)) return false;
	try {
		// The last character can be cut off.
		new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
		return true;
	} catch {
		return false;
	}
}

/** A frame header of MPEG layer III without reserved values (ISO/IEC 11172-3, 2.4.1.3). */
function isMp3Frame(bytes: Buffer) {
	if (bytes.length < 4 || bytes[0] !== 0xff || (bytes[1] & 0xe6) !== 0xe2) return false;
	const version = (bytes[1] >> 3) & 3;
	const bitRate = bytes[2] >> 4;
	const sampleRate = (bytes[2] >> 2) & 3;
	return version !== 1 && bitRate !== 15 && sampleRate !== 3;
}

const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const CHUNK_HEADER_SIZE = 8;

/**
 * The sample format of a WAV file: the format tag of its `fmt ` chunk, or for WAVE_FORMAT_EXTENSIBLE
 * the tag in its extension. Undefined where the chunk is missing or truncated.
 */
function wavFormat(bytes: Buffer): number | undefined {
	for (let chunk = 12; chunk + CHUNK_HEADER_SIZE <= bytes.length; ) {
		const size = bytes.readUInt32LE(chunk + 4);
		const start = chunk + CHUNK_HEADER_SIZE;
		if (bytes.toString('latin1', chunk, chunk + 4) === 'fmt ') {
			if (size < 16 || start + size > bytes.length) return undefined;
			const tag = bytes.readUInt16LE(start);
			if (tag !== EXTENSIBLE) return tag;
			return size < 40 ? undefined : bytes.readUInt16LE(start + 24);
		}
		// Chunks start at even offsets.
		chunk = start + size + (size % 2);
	}
	return undefined;
}

const MAX_BYTES = 10 * 1024 * 1024;

/**
 * Why the PBX would reject a sound; undefined for a valid one. It accepts WAV and MP3 up to 10 MB, but
 * no WAV with floating point samples or without a format header (RingMe documentation of sounds).
 */
export function soundProblem(bytes: Buffer): string | undefined {
	if (!bytes.length) return 'is empty';
	if (isTooLarge(bytes.length)) return 'is larger than 10 MB';
	const type = typeOfBytes(bytes);
	if (type === 'mp3') return undefined;
	if (type !== 'wav') return 'is neither WAV nor MP3';
	const format = wavFormat(bytes);
	if (format === undefined) return 'is a WAV without a format header';
	return format === FLOAT ? 'is a WAV with floating point samples' : undefined;
}

export const isTooLarge = (size: number) => size > MAX_BYTES;
