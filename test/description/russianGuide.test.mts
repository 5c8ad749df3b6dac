// docs/ru.md keeps in step with the English pages: each of its sections links to those that it follows.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

import { operations, responseOperations } from '../../scripts/docs/operations.mts';
import { ROOT } from '../support/paths.mts';

const GUIDE = 'docs/ru.md';
/** Sections of the README that are not for users of the node. */
const NOT_IN_GUIDE = ['Resources', 'Version history', 'License'];

interface Section {
	heading: string;
	level: number;
	text: string;
}
interface Target {
	label: string;
	/** From the root of the project. */
	path: string;
	anchor: string;
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const filesIn = (folder: string, type: string) =>
	readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((path) => path.endsWith(type))
		.map((path) => posix.join(folder, path.replaceAll('\\', '/')));

const withoutCodeBlocks = (text: string) => text.replace(/^```[^]*?^```$/gm, '');

/** The headings of a page, each with its text: up to the next heading of level 1 or 2, or of its own level or above. */
function sectionsOf(path: string): Section[] {
	const page = withoutCodeBlocks(read(path));
	const headings = [...page.matchAll(/^(#{1,6}) (.+)$/gm)];
	return headings.map(({ index, 0: line, 1: marks, 2: heading }, i) => {
		const next = headings.slice(i + 1).find((one) => one[1].length <= Math.max(2, marks.length));
		return { heading, level: marks.length, text: page.slice(index + line.length, next?.index) };
	});
}

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
	heading
		.toLowerCase()
		.replace(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
		.replaceAll(' ', '-');

const sectionAt = ({ path, anchor }: Target) =>
	sectionsOf(path).find(({ heading }) => anchorOf(heading) === anchor);

/** Links and pictures to files of the project, and to headings. */
function targetsIn(text: string, from = GUIDE): Target[] {
	return [...text.matchAll(/\[([^\]]*)\]\(([^)#\s]*)#?([^)\s]*)\)/g)]
		.filter(([, , file]) => !/^[a-z]+:/.test(file))
		.map(([, label, file, anchor]) => ({
			label: label.replaceAll('`', ''),
			path: file ? posix.join(posix.dirname(from), file) : from,
			anchor,
		}));
}

const picturesIn = (text: string, page: string) =>
	[...text.matchAll(/!(\[[^\]]*\]\([^)]+\))/g)].map(([, link]) => targetsIn(link, page)[0].path);

const sections = sectionsOf(GUIDE).filter(({ level }) => level <= 2);
const sourceLine = (text: string) => /^По-английски: (.+)$/m.exec(text)?.[1] ?? '';
const sourcesOf = ({ text }: Section) => targetsIn(sourceLine(text));
/** The English text that a section follows. */
const englishOf = (section: Section) =>
	sourcesOf(section).map((source) => ({ ...source, text: sectionAt(source)?.text ?? '' }));
const bodyOf = ({ text }: Section) => text.replace(sourceLine(text), '');

const byHeading = sections.map((section) => [section.heading, section] as const);

it('is linked from the start of the README', () => {
	const [title] = sectionsOf('README.md');
	expect(targetsIn(title.text, 'README.md').map(({ path }) => path)[0]).toBe(GUIDE);
});

it('follows the sections of the README for users, in their order', () => {
	const expected = sectionsOf('README.md')
		.filter(({ level, heading }) => level <= 2 && !NOT_IN_GUIDE.includes(heading))
		.map(({ heading }) => heading);
	const followed = sections
		.flatMap(sourcesOf)
		.filter(({ path }) => path === 'README.md')
		.map(({ label }) => label);
	expect(expected.length).toBeGreaterThan(5);
	expect(followed).toEqual(expected);
});

it('links only to files and headings that exist', () => {
	const targets = targetsIn(read(GUIDE));
	const broken = targets.filter(
		(target) => !existsSync(join(ROOT, target.path)) || (target.anchor && !sectionAt(target)),
	);
	expect(targets.length).toBeGreaterThan(sections.length);
	expect(broken).toEqual([]);
});

describe.each(byHeading)('the Russian section "%s"', (_, section) => {
	it('names the English sections that it follows by their headings', () => {
		const names = sourcesOf(section).map(({ label }) => label);
		expect(names.length).toBeGreaterThan(0);
		expect(sourcesOf(section).map((source) => sectionAt(source)?.heading)).toEqual(names);
	});

	it('has the pictures of the English sections and no others', () => {
		const english = englishOf(section).flatMap(({ text, path }) => picturesIn(text, path));
		expect(picturesIn(section.text, GUIDE).sort()).toEqual(english.sort());
	});

	it('has no number that the English sections do not have', () => {
		const numbersIn = (text: string) =>
			text
				.replace(/`[^`]*`|\]\([^)]*\)|^(#+ )?\d+\. /gm, '')
				.match(/(?<![\p{L}\d])\d+(\.\d+)*/gu) ?? [];
		const english = new Set(englishOf(section).flatMap(({ text }) => numbersIn(text)));
		const others = numbersIn(bodyOf(section)).filter((number) => !english.has(number));
		expect(others).toEqual([]);
	});
});

describe('the labels in the Russian guide', () => {
	const guide = withoutCodeBlocks(read(GUIDE))
		.replace(/^По-английски: .+$/gm, '')
		.replace(/\]\([^)]*\)/g, ']');
	const quoted = (form: RegExp) =>
		[...guide.matchAll(form)].map(([, label]) => label).filter((label) => /[a-z]/i.test(label));
	const italic = quoted(/(?<!\*)\*([^*\n]+)\*(?!\*)/g);
	const others = [...quoted(/\*\*([^*\n]+)\*\*/g), ...quoted(/`([^`\n]+)`/g)];

	it('are those of operations that exist, where they name a resource and an operation', async () => {
		const existing = [
			...(await operations()).map(({ resource, label }) => `${resource.label} → ${label}`),
			...responseOperations().map(
				({ resource, operation }) => `${resource.label} → ${operation.label}`,
			),
		];
		const named = italic.filter((label) => label.includes(' → '));
		expect(named.length).toBeGreaterThan(5);
		expect(named.filter((label) => !existing.includes(label))).toEqual([]);
	});

	it('are spelled as in the nodes, the credentials or the English pages', () => {
		const paths = [
			'README.md',
			...filesIn('docs', '.md').filter((path) => path !== GUIDE),
			...['nodes', 'credentials'].flatMap((folder) => filesIn(folder, '.ts')),
		];
		const english = paths.map(read).join('\n');
		const isThere = (label: string) =>
			english.split(label).some((before, i, parts) => {
				const after = parts[i + 1];
				return after !== undefined && !/\w$/.test(before) && !/^\w/.test(after);
			});
		const labels = [...italic.filter((label) => !label.includes(' → ')), ...others].filter(
			// A sentence in bold type that begins in Russian.
			(label) => !/^[а-яё]/i.test(label),
		);
		expect(labels.length).toBeGreaterThan(50);
		expect([...new Set(labels)].filter((label) => !isThere(label))).toEqual([]);
	});
});

it('explains the messages of the table in the README, in their order', () => {
	const messagesIn = (path: string, heading: string) =>
		(
			sectionsOf(path)
				.find((one) => one.heading === heading)
				?.text.match(/^\|.+$/gm) ?? []
		)
			.slice(2)
			.map((row) => row.split('|')[1].trim());
	const english = messagesIn('README.md', 'Troubleshooting');
	expect(english.length).toBeGreaterThan(10);
	expect(messagesIn(GUIDE, 'Устранение неполадок')).toEqual(english);
});
