import { typeOfMime } from './fileType';

/** `%D0%97%D0%B2.mp3` → `Зв.mp3`; undefined for bytes that are not valid in the charset. */
function percentDecoded(charset: string, value: string) {
	const bytes: number[] = [];
	for (const [, hex, plain] of value.matchAll(/%([0-9a-f]{2})|([^])/gi)) {
		bytes.push(hex ? parseInt(hex, 16) : plain.charCodeAt(0) & 0xff);
	}
	return decode(bytes, charset);
}

function decode(bytes: number[], charset: string) {
	try {
		return new TextDecoder(charset, { fatal: true }).decode(Uint8Array.from(bytes));
	} catch {
		return undefined;
	}
}

/** Headers arrive as one character per byte, also from servers that write UTF-8. */
function fromBytes(value: string) {
	const bytes = Array.from(value, (letter) => letter.charCodeAt(0));
	const isAscii = bytes.every((byte) => byte < 0x80);
	if (isAscii || bytes.some((byte) => byte > 0xff)) return value;
	return decode(bytes, 'utf-8') ?? value;
}

/**
 * The file name in a Content-Disposition header (RFC 6266, extended form RFC 5987), not yet safe to
 * use.
 */
export function dispositionName(header: unknown): string | undefined {
	const names = new Map<string, string>();
	const parameter = /;\s*([\w!#$&+.^`|~-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^;"\s][^;]*))/g;
	for (const [, key, quoted, plain] of `;${String(header ?? '')}`.matchAll(parameter)) {
		const value = quoted === undefined ? plain.trim() : quoted.replace(/\\([^])/g, '$1');
		if (!names.has(key.toLowerCase())) names.set(key.toLowerCase(), value);
	}
	const [, charset, value] = /^([\w-]+)'[^']*'(.*)$/.exec(names.get('filename*') ?? '') ?? [];
	const extended = charset && percentDecoded(charset, value);
	if (extended) return extended;
	const plain = names.get('filename');
	return plain && fromBytes(plain);
}

const MAX_LENGTH = 200;

const isBlankOrPoint = (letter: string) => letter === '.' || letter.trim() === '';

/** Without blanks and points at its ends. Not with an expression, which takes quadratic time for many of them. */
function trim(name: string): string {
	let start = 0;
	let end = name.length;
	while (start < end && isBlankOrPoint(name[start])) start++;
	while (end > start && isBlankOrPoint(name[end - 1])) end--;
	return name.slice(start, end);
}

/**
 * The last part of a path, without characters that some system does not allow in a file name. Empty
 * where nothing is left.
 */
export function safeName(name: string): string {
	const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
	const clean = trim(last.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').replace(/[<>:"|?*]/g, '_'));
	const [extension = ''] = /\.[^.]{1,10}$/.exec(clean.slice(-11)) ?? [];
	const stem = clean.slice(0, clean.length - extension.length);
	return Array.from(stem).slice(0, MAX_LENGTH).join('') + extension;
}

/** Extensions of sounds and documents. The end of a name such as `call 12.05.2026` is none. */
const EXTENSION = /\.(?:aac|amr|flac|gsm|m4a|mp3|mp4|oga|ogg|opus|pdf|tiff?|wav|webm|wma|zip)$/i;

/**
 * The name of a downloaded file: the server's, else the default name.
 *
 * @param defaultName type and ID of the record: `recording 85219-0a1b`
 */
export function fileName(header: unknown, defaultName: string, mime: string): string {
	const extension = typeOfMime(mime);
	const serverName = safeName(dispositionName(header) ?? '');
	const name = serverName || safeName(defaultName.replace(/[\s\\/]+/g, '-'));
	return extension && !EXTENSION.test(name) ? `${name}.${extension}` : name;
}
