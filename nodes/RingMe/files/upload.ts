import type { IBinaryData, IDataObject, IExecuteSingleFunctions } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import type { Field } from '../../shared/schema/field';
import type { Operation } from '../../shared/schema/operation';
import { safeName } from '../../shared/files/fileName';
import { isTooLarge, mimeOf, soundProblem, typeOfBytes } from '../../shared/files/fileType';

/**
 * Builds the body of an upload. Its files come from the item and are checked before anything is sent.
 *
 * It is the platform's own FormData, which is serialized again for each attempt: after a 401 n8n renews
 * the token and repeats the request, which does not work with a form that is a stream.
 *
 * @param values serialized inputs; for a file, the name of the item's binary field
 * @throws ValidationError for a file that is missing or that the PBX would not take
 */
export async function buildForm(
	context: IExecuteSingleFunctions,
	{ required = [], optional = [] }: Operation,
	values: IDataObject,
): Promise<FormData> {
	const body = new FormData();
	for (const field of [...required, ...optional]) {
		const value = values[field.key];
		if (value === undefined) continue;
		if (field.kind === 'audio') {
			const { bytes, name, type } = await readAudio(context, field, String(value));
			body.append(field.key, new Blob([new Uint8Array(bytes)], { type }), name);
		} else {
			body.append(field.key, String(value));
		}
	}
	return body;
}

async function readAudio(context: IExecuteSingleFunctions, { label }: Field, name: string) {
	const file = assertFile(context, label, name);
	// Checked before the file is read into memory, where n8n knows its size.
	if (isTooLarge(file.bytes ?? 0)) {
		throw invalidFile(label, name, file, 'is larger than 10 MB');
	}
	const bytes = await context.helpers.getBinaryDataBuffer(name);
	const problem = soundProblem(bytes);
	if (problem) throw invalidFile(label, name, file, problem);
	const type = typeOfBytes(bytes) === 'wav' ? 'wav' : 'mp3';
	return { bytes, name: safeName(file.fileName ?? '') || `sound.${type}`, type: mimeOf(type) };
}

function invalidFile(label: string, name: string, { fileName }: IBinaryData, problem: string) {
	return new ValidationError(
		`'${label}': the file in "${name}"${fileName ? ` (${fileName})` : ''} ${problem}`,
		'The PBX accepts WAV with integer samples (such as 16-bit PCM) and MP3, at most 10 MB. Convert the file first.',
	);
}

function assertFile(context: IExecuteSingleFunctions, label: string, name: string): IBinaryData {
	let file: IBinaryData | undefined;
	try {
		file = context.helpers.assertBinaryData(name);
	} catch {
		// Reported below, with the names of the files that the item has.
	}
	if (file) return file;
	const names = Object.keys(context.getInputData().binary ?? {});
	throw new ValidationError(
		`'${label}': the item has no file in "${name}"`,
		names.length
			? `Its files are in: ${names.join(', ')}.`
			: 'Add a node before this one that returns a file, such as HTTP Request or Read/Write Files from Disk.',
	);
}
