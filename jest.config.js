/** @type {import('jest').Config} */
module.exports = {
	// Tests run in Node's own realm and load n8n outside Jest's registry; the file says why.
	testEnvironment: '<rootDir>/test/harness/environment.mjs',
	testMatch: ['<rootDir>/test/**/*.test.mts'],
	moduleFileExtensions: ['mts', 'mjs', 'cjs', 'js', 'ts', 'json', 'node'],
	transform: {
		'\\.m?ts$': [
			'@swc/jest',
			{
				jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
				module: { type: 'commonjs' },
			},
		],
	},
	modulePathIgnorePatterns: ['<rootDir>/\\.local/'],
	reporters: ['default', '<rootDir>/test/harness/closingLine.mjs'],
	testTimeout: 60_000,
};
