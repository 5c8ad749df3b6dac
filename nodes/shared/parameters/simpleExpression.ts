import type { IDataObject } from 'n8n-workflow';

const SIMPLE_EXPRESSION = /^=\{\{ *\$json(?:\.([A-Za-z_]\w*)|\[(["'])([^"'\\]+)\2\]) *\}\}$/;

/**
 * Evaluates `{{ $json.field }}` without n8n's (slow) expression engine. Returns undefined for any
 * other expression or a missing field; the caller then lets n8n evaluate it.
 */
export function evaluateSimpleExpression(raw: unknown, json: IDataObject): unknown {
	if (typeof raw === 'string' && raw.startsWith('=')) {
		const [, identifier, , quoted] = SIMPLE_EXPRESSION.exec(raw) ?? [];
		const name = identifier ?? quoted;
		return name !== undefined && Object.hasOwn(json, name) ? json[name] : undefined;
	}
	if (typeof raw !== 'object' || raw === null) return raw;
	if (Array.isArray(raw)) return undefined;
	const values: Record<string, unknown> = {};
	for (const [key, rawValue] of Object.entries(raw)) {
		const value = evaluateSimpleExpression(rawValue, json);
		if (value === undefined) return undefined;
		values[key] = value;
	}
	return values;
}
