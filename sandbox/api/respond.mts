import type { ApiOperation, Schema } from '../http/contract.mts';

type Writer = (value: unknown) => unknown;

const same: Writer = (value) => value;
const writers = new WeakMap<ApiOperation, Writer>();

/**
 * Cuts an answer down to what the contract lists for the operation: fields that are only kept inside
 * (passwords, files, owners) never leave, and `null` goes out only where the contract knows it.
 */
export function toWire(operation: ApiOperation, value: unknown): unknown {
	let writer = writers.get(operation);
	if (!writer) writers.set(operation, (writer = compile(operation.answer)));
	return writer(value);
}

function compile(schema: Schema | undefined): Writer {
	if (schema?.items) {
		const item = compile(schema.items);
		return (value) => (Array.isArray(value) ? value.map(item) : value);
	}
	if (!schema?.properties) return same;
	const fields = Object.entries(schema.properties).map(([name, field]) => ({
		name,
		write: compile(field),
		nullable: !field.type || field.type.includes('null'),
	}));
	return (value) => {
		if (typeof value !== 'object' || value === null) return value;
		const row = value as Record<string, unknown>;
		const out: Record<string, unknown> = {};
		for (const { name, write, nullable } of fields) {
			const field = row[name];
			if (field === undefined || (field === null && !nullable)) continue;
			out[name] = write(field);
		}
		return out;
	};
}
