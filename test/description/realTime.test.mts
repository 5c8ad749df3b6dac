/**
 * No test depends on real time: on a busy machine, whatever number of milliseconds a test chooses is wrong now and
 * then. This reads the source of the tests that `npm test` runs, of what they use, and of the sandbox PBX.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

import { ROOT } from '../harness/n8n.mts';

/** Longer ones only end what hangs. */
const HANGS_MS = 60_000;

/** What takes or names a time in milliseconds. */
const TIMER = /^(setTimeout|setInterval|delay|sleep|timeout)$/;
const DURATION = /^(ms|timeout)$|(delay|timeout|interval|latency|pause|retry|wait|stats|hold)Ms$/i;
const STOPWATCH = /^(performance\.now|process\.hrtime(\.bigint)?)$/;

/** Tests in a real n8n, in processes of their own, are not part of `npm test`. */
const REAL_N8N = /^test\/(e2e|examples|compat|support\/n8n)\//;

/** What may choose a time, and why it can make no test fail. */
const ALLOWED: Record<string, string> = {
	'sandbox/telephony/clock.mts: setTimeout': 'the real clock of the PBX',
	'sandbox/telephony/clock.mts: performance.now': 'the real clock of the PBX',
	'sandbox/telephony/delivery.mts: setTimeout': 'the timeout of the PBX; tests fire it',
	'sandbox/telephony/delivery.mts: 10_000': 'the timeout of the PBX; tests fire it',
	'sandbox/telephony/delivery.mts: 3_000':
		'idle connections of the PBX; shorter than those of servers',
	'sandbox/telephony/delivery.mts: performance.now': 'only recorded',
	'sandbox/page/page.mjs: setTimeout': 'shows a person how things are',
	'sandbox/telephony/index.mts: setTimeout': 'repeats a question until the answer is yes',
	'test/support/waitFor.mts: 100': 'repeats a question until the answer is yes',
	'test/support/waitFor.mts: delay': 'repeats a question until the answer is yes',
	'test/harness/timers.mts: setTimeout': 'the timers that tests fire',
	'test/harness/processedStore.mts: setTimeout': 'on the clock of the timers that tests fire',
	'test/harness/workflow.mts: setTimeout': 'only ends what hangs',
	'test/engine/files.test.mts: setInterval': 'only measures memory',
	'test/probe/interruptions.test.mts: 1': 'repeats a question until the answer is yes',
	'test/probe/interruptions.test.mts: 5': 'the probe tries again; nothing has to happen before',
	'test/probe/interruptions.test.mts: 50': 'the probe tries again; nothing has to happen before',
	'test/probe/support/fixture.mts: 20': 'the probe tries again; nothing has to happen before',
	'test/sandbox/control.test.mts: 5000': 'only set and read',
	'test/sandbox/control.test.mts: 10_000': 'only set and read',
	'test/harness/engine.mts: 100': 'the pause between two measurements of npm run bench',
	'test/harness/engine.mts: performance.now': 'the measurements of npm run bench',
	'test/support/withProgress.mjs: setInterval': 'shows the progress of an installation',
	'test/sandbox/telephonyClock.test.mts: performance.now': 'bounds that hold on any machine',
};

const sourceFiles = [
	...sourcesIn('test'),
	...sourcesIn('sandbox'),
	...sourcesIn('scripts').filter((file) => file.endsWith('.test.mts')),
].filter((file) => !REAL_N8N.test(file) && file !== 'test/description/realTime.test.mts');

function sourcesIn(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
		.filter((path) => /\.m(ts|js)$/.test(path));
}

/** The times that a source text chooses: the name of a timer, or a number of milliseconds. */
function chosenTimes(file: string, text: string): string[] {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const constants = new Map<string, ts.Expression>();
	const found: string[] = [];

	const isShort = (value: ts.Expression): boolean => {
		if (ts.isIdentifier(value)) {
			const constant = constants.get(value.text);
			return constant !== undefined && isShort(constant);
		}
		if (ts.isBinaryExpression(value)) {
			return (
				value.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken && isShort(value.right)
			);
		}
		if (!ts.isNumericLiteral(value)) return false;
		const ms = Number(value.text.replaceAll('_', ''));
		return ms > 0 && ms < HANGS_MS;
	};
	const textOf = (value: ts.Expression): string => {
		if (ts.isBinaryExpression(value)) return textOf(value.right);
		const constant = ts.isIdentifier(value) ? constants.get(value.text) : undefined;
		return constant ? textOf(constant) : value.getText();
	};
	/** A time that is 0 only lets other work go first; one that is long ends what hangs. */
	const isHarmless = (value: ts.Expression | undefined): boolean =>
		value === undefined ||
		(ts.isNumericLiteral(value) && !isShort(value)) ||
		(ts.isIdentifier(value) && constants.has(value.text) && !isShort(value));

	const visit = (node: ts.Node) => {
		if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
			constants.set(node.name.text, node.initializer);
		}
		if (ts.isCallExpression(node)) {
			const name = node.expression.getText();
			if (STOPWATCH.test(name)) found.push(name);
			const last = name.split('.').at(-1) ?? '';
			// `delay(ms)` and `AbortSignal.timeout(ms)` begin with the time, `setTimeout(callback, ms)` does not.
			const takesCallback = node.arguments[0] && /Timeout|Interval/.test(last);
			const isCallback = takesCallback && !ts.isNumericLiteral(node.arguments[0]);
			if (TIMER.test(last) && !(isCallback && node.arguments.length === 1)) {
				const ms = node.arguments.find((each) => ts.isNumericLiteral(each));
				if (!isHarmless(ms ?? node.arguments[isCallback ? 1 : 0])) found.push(last);
			}
		}
		const named =
			ts.isPropertyAssignment(node) || ts.isBindingElement(node) || ts.isParameter(node)
				? { name: node.name, value: node.initializer }
				: ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken
					? { name: node.left, value: node.right }
					: undefined;
		const isDuration = named && DURATION.test(named.name.getText().split('.').at(-1) ?? '');
		if (isDuration && named.value && isShort(named.value)) found.push(textOf(named.value));
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

const findings = sourceFiles.flatMap((file) =>
	chosenTimes(file, readFileSync(join(ROOT, file), 'utf8')).map((what) => `${file}: ${what}`),
);

it('chooses no time in a test or in the sandbox PBX', () => {
	expect(sourceFiles.length).toBeGreaterThan(100);
	expect([...new Set(findings)].filter((finding) => !(finding in ALLOWED))).toEqual([]);
});

it('allows no time that is not chosen', () => {
	expect(Object.keys(ALLOWED).filter((allowed) => !findings.includes(allowed))).toEqual([]);
});

it.each([
	['setTimeout(() => {}, 50);', ['setTimeout']],
	['const LATE_MS = 1_500; setTimeout(done, LATE_MS);', ['setTimeout']],
	['setTimeout(done, ms / 2);', ['setTimeout']],
	['await delay(200);', ['delay']],
	['AbortSignal.timeout(300);', ['timeout']],
	['socket.setTimeout(5_000, end);', ['setTimeout']],
	["faults.add({ kind: 'slow', ms: 1200 });", ['1200']],
	['startSandbox({ latencyMs: 5 });', ['5']],
	['store.latencyMs = 40;', ['40']],
	['const started = performance.now();', ['performance.now']],
	['waitFor(text, condition, { timeoutMs: 3000 });', ['3000']],
	['setTimeout(end, 60_000); setTimeout(next, 0); setTimeout(next);', []],
	['const HANGS_MS = 600_000; it(title, test, HANGS_MS); run({ timeoutMs: HANGS_MS });', []],
	['await timers.begun(2_000); timers.fire(2_000); clock.advance(5);', []],
])('reads %s', (text, expected) => {
	expect(chosenTimes('example.mts', text)).toEqual(expected);
});
