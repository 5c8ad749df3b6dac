/** An answer of the PBX that is not a success: a JSON `message` and sometimes a machine word `status`. */
export class PbxError extends Error {
	constructor(
		readonly statusCode: number,
		message: string,
		readonly word?: string,
	) {
		super(message);
		this.name = 'PbxError';
	}
}

/** The body of an error answer (form: https://ringme-confluence.atlassian.net/wiki, page 44302395). */
export function errorBody(message: string, word?: string): { message: string; status?: string } {
	return word === undefined ? { message } : { message, status: word };
}

/** 400. The form of a validation error is not documented, see ASSUMPTIONS.md. */
export const badRequest = (message: string) => new PbxError(400, message);

/** 404 of a resource (captured text). */
export const notFound = (message = 'Not found') => new PbxError(404, message);
