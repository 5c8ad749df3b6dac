import { typeOfMime } from './fileType';

/** File names from answers: what a server says, made safe. */

/** `%D0%97%D0%B2.mp3` → `Зв.mp3`; nothing where it is not the encoding it says. */
function percentDecoded(charset: string, value: string) {
	const bytes: number[] = [];
	for (const [, hex, plain] of value.matchAll(/%([0-9a-f]{2})|([^])/gi)) {
		bytes.push(hex ? parseInt(hex, 16) : plain.charCodeAt(0) & 0xff);
	}
	return decoded(bytes, charset);
}

function decoded(bytes: number[], charset: string) {
	try {
		return new TextDecoder(charset, { fatal: true }).decode(Uint8Array.from(bytes));
	} catch {
		return undefined;
	}
}

/** Headers arrive with one character for each byte; servers that write UTF-8 mean its characters. */
function fromBytes(value: string) {
	const bytes = Array.from(value, (letter) => letter.charCodeAt(0));
	const isAscii = bytes.every((byte) => byte < 0x80);
	if (isAscii || bytes.some((byte) => byte > 0xff)) return value;
	return decoded(bytes, 'utf-8') ?? value;
}

/**
 * The file name in a Content-Disposition header, as it stands there (RFC 6266, its extended form
 * RFC 5987). Not safe yet.
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

const LONGEST = 200;

/**
 * A name that is only a name: the last part of a path, without what some system cannot have in a
 * file name. Empty where nothing is left.
 */
export function safeName(name: string): string {
	const last = name.split(/[\\/]/).pop() ?? '';
	const clean = last
		.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
		.replace(/[<>:"|?*]/g, '_')
		.replace(/^[\s.]+|[\s.]+$/g, '');
	const [, stem, extension] = /^([^]*?)(\.[^.]{1,10})?$/.exec(clean) ?? [];
	return Array.from(stem).slice(0, LONGEST).join('') + (extension ?? '');
}

/**
 * The name a file gets: the server's, else one made of what it is and its id.
 *
 * @param what what it is and its id: `recording 85219-0a1b`
 */
export function fileName(header: unknown, what: string, mime: string): string {
	const extension = typeOfMime(mime);
	const given = safeName(dispositionName(header) ?? '');
	const name = given || safeName(what.replace(/[\s\\/]+/g, '-'));
	return extension && !/\.\w{2,5}$/.test(name) ? `${name}.${extension}` : name;
}
