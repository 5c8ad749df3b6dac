/** File names of downloads. */
import fc from 'fast-check';

import { dispositionName, fileName, safeName } from '../../nodes/shared/files/fileName';

/** A header as Node returns it: one character per byte. */
const asHeader = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('dispositionName', () => {
	it.each([
		['attachment; filename="call 1.mp3"', 'call 1.mp3'],
		['attachment; filename=call.mp3', 'call.mp3'],
		['attachment; filename = call.mp3 ; size=3', 'call.mp3'],
		['ATTACHMENT; FileName="call.mp3"', 'call.mp3'],
		['filename="call.mp3"', 'call.mp3'],
		['attachment; filename="a;b.mp3"', 'a;b.mp3'],
		['attachment; filename="a \\"b\\" c.mp3"', 'a "b" c.mp3'],
		['attachment; filename="x.mp3"; filename*=UTF-8\'\'%D0%97%D0%B2.mp3', 'Зв.mp3'],
		["attachment; filename*=utf-8'ru'%E2%82%AC.wav; filename=x.wav", '€.wav'],
		["attachment; filename*=iso-8859-1'en'%A3.wav", '£.wav'],
		['attachment; filename="x.mp3"; filename*=UTF-8\'\'%FF%FE.mp3', 'x.mp3'],
		["attachment; filename=x.mp3; filename*=nonsense'%zz", 'x.mp3'],
		['attachment; filename="first.mp3"; filename="second.mp3"', 'first.mp3'],
		['attachment', undefined],
		['attachment; filename=""', undefined],
		['', undefined],
		[undefined, undefined],
	])('reads the name in the header: %s', (header, name) => {
		expect(dispositionName(header) || undefined).toBe(name);
	});

	it('decodes UTF-8 that a server did not encode, and keeps Latin-1', () => {
		expect(dispositionName(asHeader('attachment; filename="Звонок.mp3"'))).toBe('Звонок.mp3');
		expect(dispositionName('attachment; filename="caf\xe9.mp3"')).toBe('café.mp3');
	});

	it('reads any name in its extended form', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
				const encoded = encodeURIComponent(name).replace(
					/['()*]/g,
					(letter) => `%${letter.charCodeAt(0).toString(16)}`,
				);
				expect(dispositionName(`attachment; filename*=UTF-8''${encoded}`)).toBe(name);
			}),
		);
	});

	it('throws for no header', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				dispositionName(text);
				dispositionName(`attachment; filename*=${text}`);
				dispositionName(`attachment; filename="${text}`);
			}),
		);
	});
});

describe('safeName', () => {
	it.each([
		['../../etc/passwd', 'passwd'],
		['C:\\Users\\a\\call.mp3', 'call.mp3'],
		['..', ''],
		['.mp3', 'mp3'],
		['call\r\n.mp3\0', 'call.mp3'],
		['1844*101: "hello?".wav', '1844_101_ _hello__.wav'],
		['  call.mp3. ', 'call.mp3'],
		['\u202egpj.exe', 'gpj.exe'],
	])('makes %j safe', (name, safe) => {
		expect(safeName(name)).toBe(safe);
	});

	it('returns a plain name of limited length for any name', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
				const safe = safeName(name);
				expect(safe).not.toMatch(/[\\/\p{Cc}<>:"|?*]|^\.|\.$/u);
				expect(Array.from(safe).length).toBeLessThanOrEqual(211);
				expect(safe).not.toMatch(/\p{Surrogate}/u);
			}),
		);
		expect(safeName(`${'й'.repeat(500)}.mp3`)).toBe(`${'й'.repeat(200)}.mp3`);
	});
});

describe('fileName', () => {
	it.each([
		['attachment; filename="call.mp3"', 'audio/mpeg', 'call.mp3'],
		['attachment; filename="call"', 'audio/x-wav', 'call.wav'],
		['attachment; filename="/"', 'audio/mpeg', 'recording-85219-0a1b.mp3'],
		[undefined, 'audio/mpeg', 'recording-85219-0a1b.mp3'],
		[undefined, 'application/octet-stream', 'recording-85219-0a1b'],
		['attachment; filename="fax.1234567"', 'application/pdf', 'fax.1234567.pdf'],
	])('names a file with the header %s and the type %s', (header, mime, name) => {
		expect(fileName(header, 'recording 85219-0a1b', mime)).toBe(name);
	});

	it('never returns a path, whatever the ID is', () => {
		expect(fileName('', 'recording ../../x', 'audio/mpeg')).toBe('recording-..-..-x.mp3');
	});
});
