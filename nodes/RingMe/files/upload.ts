import type { IBinaryData, IDataObject, IExecuteSingleFunctions } from 'n8n-workflow';

import type { Field } from '../../shared/schema/field';
import type { Operation } from '../../shared/schema/operation';
import { isTooLarge, mimeOf, soundProblem, typeOfBytes } from './fileType';
import { safeName } from './fileName';
import { ValidationError } from '../../shared/parameters/serialize';

/**
 * The body of an upload: its files are taken from the item and looked at before anything is sent.
 *
 * It is the platform's own FormData, which is written out anew each time it is sent: after a 401 n8n
 * renews the token and sends it again, as it cannot with a form that is a stream.
 *
 * @param values the inputs as they go out; in the place of a file, the name of the item's field
 * @throws InputProblem for a file that is missing or that the PBX would not take
 */
export async function form(
	context: IExecuteSingleFunctions,
	{ required = [], optional = [] }: Operation,
	values: IDataObject,
): Promise<FormData> {
	const body = new FormData();
	for (const field of [...required, ...optional]) {
		const value = values[field.key];
		if (value === undefined) continue;
		if (field.kind === 'audio') {
			const { bytes, name, type } = await audio(context, field, String(value));
			body.append(field.key, new Blob([new Uint8Array(bytes)], { type }), name);
		} else {
			body.append(field.key, String(value));
		}
	}
	return body;
}

async function audio(context: IExecuteSingleFunctions, { label }: Field, name: string) {
	const file = assertFile(context, label, name);
	// Before it is read into memory, where its size is known.
	if (isTooLarge(file.bytes ?? 0)) throw refused(label, name, file, 'is larger than 10 MB');
	const bytes = await context.helpers.getBinaryDataBuffer(name);
	const problem = soundProblem(bytes);
	if (problem) throw refused(label, name, file, problem);
	const type = typeOfBytes(bytes) === 'wav' ? 'wav' : 'mp3';
	return { bytes, name: safeName(file.fileName ?? '') || `sound.${type}`, type: mimeOf(type) };
}

function refused(label: string, name: string, { fileName }: IBinaryData, problem: string) {
	return new ValidationError(
		`${label}: the file in "${name}"${fileName ? ` (${fileName})` : ''} ${problem}`,
		'The PBX takes WAV with whole-number samples (such as 16-bit PCM) and MP3, at most 10 MB. Convert the file first.',
	);
}

function assertFile(context: IExecuteSingleFunctions, label: string, name: string): IBinaryData {
	let file: IBinaryData | undefined;
	try {
		file = context.helpers.assertBinaryData(name);
	} catch {
		// Said below, with the fields that there are.
	}
	if (file) return file;
	const names = Object.keys(context.getInputData().binary ?? {});
	throw new ValidationError(
		`${label}: the item has no file in "${name}"`,
		names.length
			? `Its files are in: ${names.join(', ')}.`
			: 'Put a node before this one that gives a file, such as HTTP Request or Read/Write Files from Disk.',
	);
}
