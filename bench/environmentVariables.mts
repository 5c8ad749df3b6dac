/** Environment variables from the command line: `NAME=value`. */
export const parseVariables = (settings: string[]): Record<string, string> =>
	Object.fromEntries(
		settings.map((each) => [each.split('=')[0], each.slice(each.indexOf('=') + 1)]),
	);

/**
 * The environment of an n8n whose executions are counted in its database.
 *
 * @param settings from the command line: `NAME=value`
 */
export const countedExecutions = (settings: string[]): Record<string, string> => ({
	EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
	EXECUTIONS_DATA_PRUNE: 'false',
	...parseVariables(settings),
});
