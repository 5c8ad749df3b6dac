import type { ApiOperation, Schema } from '../http/contract.mts';

type Serializer = (value: unknown) => unknown;

const serializers = new WeakMap<ApiOperation, Serializer>();

/**
 * Reduces a response to the fields that the contract lists for the operation, so that internal fields
 * (passwords, files, owners) are never sent. `null` is sent only where the contract allows it.
 */
export function toResponseBody(operation: ApiOperation, value: unknown): unknown {
	let serializer = serializers.get(operation);
	if (!serializer) {
		serializer = compile(operation.responseSchema);
		serializers.set(operation, serializer);
	}
	return serializer(value);
}

function compile(schema: Schema | undefined): Serializer {
	if (schema?.items) {
		const serializeItem = compile(schema.items);
		return (value) => (Array.isArray(value) ? value.map(serializeItem) : value);
	}
	if (!schema?.properties) return (value) => value;
	const fields = Object.entries(schema.properties).map(([name, property]) => ({
		name,
		serialize: compile(property),
		nullable: !property.type || property.type.includes('null'),
	}));
	return (value) => {
		// A deviation returns a list instead of an object.
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
		const row = value as Record<string, unknown>;
		const result: Record<string, unknown> = {};
		for (const { name, serialize, nullable } of fields) {
			const field = row[name];
			if (field === undefined || (field === null && !nullable)) continue;
			result[name] = serialize(field);
		}
		return result;
	};
}
