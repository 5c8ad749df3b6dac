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
/** Longer names are cut off before anything looks at them. */
const MAX_READ_LENGTH = 2000;

/**
 * The last part of a path, without characters that some system does not allow in a file name. Empty
 * where nothing is left.
 */
export function safeName(name: string): string {
	const last = name.split(/[\\/]/).pop() ?? '';
	const clean = last
		.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
		.replace(/[<>:"|?*]/g, '_')
		.slice(0, MAX_READ_LENGTH);
	const trimmed = clean.replace(/^[\s.]+/, '').replace(/(?<![\s.])[\s.]+$/, '');
	const [, stem, extension] = /^([^]*?)(\.[^.]{1,10})?$/.exec(trimmed) ?? [];
	return Array.from(stem).slice(0, MAX_LENGTH).join('') + (extension ?? '');
}

/**
 * The name of a downloaded file: the server's, else the default name.
 *
 * @param defaultName type and ID of the record: `recording 85219-0a1b`
 */
export function fileName(header: unknown, defaultName: string, mime: string): string {
	const extension = typeOfMime(mime);
	const serverName = safeName(dispositionName(header) ?? '');
	const name = serverName || safeName(defaultName.replace(/[\s\\/]+/g, '-'));
	// Digits behind a point belong to a date: `call 12.05.2026`.
	return extension && !/\.(?!\d+$)\w{2,5}$/.test(name) ? `${name}.${extension}` : name;
}
