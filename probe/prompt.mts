import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface Terminal {
	input: NodeJS.ReadableStream;
	output: NodeJS.WritableStream;
}

/** Asks for a line. @throws Error when the input ends, or with Ctrl-C */
export async function askLine({ input, output }: Terminal, question: string): Promise<string> {
	return await readLine(input, output, question);
}

/** Asks for a line that is not shown while it is typed. @throws Error as `askLine` */
export async function askSecret({ input, output }: Terminal, question: string): Promise<string> {
	const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
	output.write(question);
	const line = await readLine(input, silent, '');
	output.write('\n');
	return line;
}

/** Asks for a decision. Only "y" and "yes" are a yes. */
export async function askYes(terminal: Terminal, question: string): Promise<boolean> {
	return /^\s*y(es)?\s*$/i.test(await askLine(terminal, `${question} [y/N] `));
}

async function readLine(
	input: NodeJS.ReadableStream,
	output: NodeJS.WritableStream,
	question: string,
): Promise<string> {
	// In a terminal readline itself shows what is typed, so a silent output hides it.
	const lines = createInterface({ input, output, terminal: true, historySize: 0 });
	try {
		return await new Promise<string>((resolve, reject) => {
			lines.once('SIGINT', () => reject(new Error('Stopped.')));
			lines.once('close', () => reject(new Error('There is no more input.')));
			lines.question(question, resolve);
		});
	} finally {
		lines.close();
	}
}
