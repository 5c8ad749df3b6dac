/** An input that cannot be sent. The message names the input, the description says what it should be. */
export class ValidationError extends Error {
	readonly name = 'ValidationError';

	constructor(
		message: string,
		readonly description?: string,
	) {
		super(message);
	}
}
