import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';

/** Evaluates a node parameter for one item. */
type Evaluate = (name: string, itemIndex: number, fallback?: unknown) => unknown;

/**
 * Reads parameters with as few of n8n's evaluations as give the same values: 10,000 items with four
 * expressions each take it seconds. A parameter without expressions is read once; one with only
 * `{{ $json.field }}` is read from the item. A name can be a path such as `options.campaign`.
 */
export class ParameterReader {
	private readonly parameters: IDataObject;

	readonly firstIndex: number;

	private readonly staticValues = new Map<string, unknown>();

	private readonly dynamicNames = new Map<string, boolean>();

	constructor(
		context: Pick<IExecuteFunctions, 'getNode'>,
		private readonly items: INodeExecutionData[],
		private readonly evaluate: Evaluate,
	) {
		this.parameters = context.getNode().parameters as IDataObject;
		this.firstIndex = items.findIndex((item) => item !== undefined);
	}

	get(name: string, itemIndex: number, fallback?: unknown): unknown {
		if (this.isDynamic(name)) {
			const value = evaluateSimpleExpression(this.raw(name), this.items[itemIndex].json);
			return value === undefined ? this.evaluate(name, itemIndex, fallback) : value;
		}
		if (!this.staticValues.has(name)) {
			this.staticValues.set(name, this.evaluate(name, itemIndex, fallback));
		}
		return this.staticValues.get(name);
	}

	/** The value for the whole run: that of the first item. */
	getOfRun(name: string, fallback?: unknown): unknown {
		return this.get(name, this.firstIndex, fallback);
	}

	/** Whether the user set the parameter. */
	has(name: string): boolean {
		return this.raw(name) !== undefined;
	}

	/** Whether the value can differ between items. */
	isDynamic(name: string): boolean {
		let isDynamic = this.dynamicNames.get(name);
		if (isDynamic === undefined) {
			isDynamic = JSON.stringify([this.raw(name)]).includes('"=');
			this.dynamicNames.set(name, isDynamic);
		}
		return isDynamic;
	}

	/** The parameter as n8n stores it, with its expressions. */
	raw(name: string): unknown {
		return name
			.split('.')
			.reduce<unknown>((value, key) => (value as IDataObject | undefined)?.[key], this.parameters);
	}
}
