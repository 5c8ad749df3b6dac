/** An error response of the PBX: a `message` and sometimes a machine-readable code. */
export class PbxError extends Error {
	constructor(
		readonly statusCode: number,
		message: string,
		/** Sent as `status`. */
		readonly code?: string,
	) {
		super(message);
		this.name = 'PbxError';
	}
}

/** Body of an error response, as in https://ringme-confluence.atlassian.net/wiki, page 44302395. */
export function errorBody(message: string, code?: string): { message: string; status?: string } {
	return code === undefined ? { message } : { message, status: code };
}

/** A 400 response. The format of validation errors is not documented, see ASSUMPTIONS.md. */
export const badRequest = (message: string) => new PbxError(400, message);

/** A 404 response. The default is the text that real PBXs send. */
export const notFound = (message = 'Not found') => new PbxError(404, message);
