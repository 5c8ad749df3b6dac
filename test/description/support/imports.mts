// Which modules a TypeScript file imports, and circles among imports.

import ts from 'typescript';

/** Nodes by name, each with the names of those that it imports. */
export type Graph = Map<string, string[]>;

/** The module names that a file imports or exports from, in any form and also only for types. */
export function importsOf(path: string, code: string): string[] {
	const names: string[] = [];
	const visit = (node: ts.Node) => {
		const specifier = specifierOf(node);
		if (specifier && ts.isStringLiteralLike(specifier)) names.push(specifier.text);
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(path, code, ts.ScriptTarget.Latest));
	return names;
}

/** The expression that names the imported module, if the node is an import. */
function specifierOf(node: ts.Node): ts.Node | undefined {
	if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
	if (ts.isExternalModuleReference(node)) return node.expression;
	if (ts.isImportTypeNode(node)) {
		return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
	}
	const isImportCall =
		ts.isCallExpression(node) &&
		(node.expression.kind === ts.SyntaxKind.ImportKeyword ||
			(ts.isIdentifier(node.expression) && node.expression.text === 'require'));
	return isImportCall ? node.arguments[0] : undefined;
}

/** The first circle found, as a path that ends where it starts; undefined if there is none. */
export function findCycle(graph: Graph): string[] | undefined {
	const finished = new Set<string>();
	const visit = (name: string, path: string[]): string[] | undefined => {
		if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
		if (finished.has(name)) return undefined;
		for (const next of graph.get(name) ?? []) {
			const cycle = visit(next, [...path, name]);
			if (cycle) return cycle;
		}
		finished.add(name);
		return undefined;
	};
	for (const name of graph.keys()) {
		const cycle = visit(name, []);
		if (cycle) return cycle;
	}
	return undefined;
}
