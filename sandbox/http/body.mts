import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest } from './errors.mts';

const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;
export const MAX_BODY_BYTES = 12 * 1024 * 1024;

export interface UploadedFile {
	filename: string;
	mimetype: string;
	data: Buffer;
}

/** A parsed multipart body. */
export interface Form {
	fields: Record<string, unknown>;
	files: Record<string, UploadedFile>;
}

/** Parses JSON, urlencoded and multipart bodies, all limited in size. An empty JSON body is no body. */
export async function registerBodyParsers(app: FastifyInstance): Promise<void> {
	const json = app.getDefaultJsonParser('error', 'error');
	app.removeContentTypeParser('application/json');
	app.addContentTypeParser(
		'application/json',
		{ parseAs: 'string' },
		(request, body: string, done) => {
			if (body === '') done(null, undefined);
			else void json(request, body, done);
		},
	);
	await app.register(formbody, { bodyLimit: 100_000 });
	await app.register(multipart, {
		limits: { fileSize: MAX_UPLOAD_BYTES, files: 1, fields: 20, fieldSize: 100_000, parts: 21 },
	});
}

/** Reads the fields and files of a multipart request. @throws an error with a 4xx `statusCode` */
export async function readForm(request: FastifyRequest): Promise<Form> {
	try {
		return await readParts(request);
	} catch (error) {
		// The parser's errors about a malformed body have no status code.
		const { statusCode, message } = error as { statusCode?: number; message: string };
		throw statusCode === undefined ? badRequest(message) : error;
	}
}

async function readParts(request: FastifyRequest): Promise<Form> {
	const fields = Object.create(null) as Form['fields'];
	const files = Object.create(null) as Form['files'];
	for await (const part of request.parts()) {
		if (part.type === 'file') {
			const data = await part.toBuffer();
			files[part.fieldname] = { filename: part.filename, mimetype: part.mimetype, data };
		} else {
			fields[part.fieldname] = part.value;
		}
	}
	return { fields, files };
}

/** Validates a form against the schema of its operation. @returns an error message, or undefined */
export function checkForm(
	schema: { properties?: Record<string, { format?: string }>; required?: string[] },
	{ fields, files }: Form,
): string | undefined {
	const known = schema.properties ?? {};
	const isFile = (name: string) => known[name]?.format === 'binary';
	for (const name of [...Object.keys(fields), ...Object.keys(files)]) {
		if (!Object.hasOwn(known, name)) return `unknown parameter '${name}'`;
	}
	for (const name of Object.keys(fields)) if (isFile(name)) return `${name} must be a file`;
	for (const name of Object.keys(files)) if (!isFile(name)) return `${name} must be a text`;
	const missing = schema.required?.find((name) => !(name in fields) && !(name in files));
	return missing === undefined ? undefined : `must have required property '${missing}'`;
}
