import type { IDataObject } from 'n8n-workflow';

const SIMPLE_EXPRESSION = /^=\{\{ *\$json(?:\.([A-Za-z_]\w*)|\[(["'])([^"'\\]+)\2\]) *\}\}$/;

/**
 * An input's value without n8n's evaluation, which is slow, if it gives the same: if its only
 * expressions are what dragging a field leaves, `{{ $json.name }}`, and the item has those fields.
 * Else nothing.
 */
export function evaluateSimpleExpression(raw: unknown, json: IDataObject): unknown {
	if (typeof raw === 'string' && raw.startsWith('=')) {
		const [, plain, , quoted] = SIMPLE_EXPRESSION.exec(raw) ?? [];
		const name = plain ?? quoted;
		return name !== undefined && Object.hasOwn(json, name) ? json[name] : undefined;
	}
	if (typeof raw !== 'object' || raw === null) return raw;
	if (Array.isArray(raw)) return undefined;
	const values: Record<string, unknown> = {};
	for (const [key, each] of Object.entries(raw)) {
		const value = evaluateSimpleExpression(each, json);
		if (value === undefined) return undefined;
		values[key] = value;
	}
	return values;
}
