const { availableParallelism } = require('os');

/** @type {import('jest').Config} */
module.exports = {
	// Tests run in Node's own realm and load n8n outside Jest's registry; the file says why.
	testEnvironment: '<rootDir>/test/harness/environment.mjs',
	// Jest reads every file below its roots; n8n's thousands in .local are not among them.
	roots: ['<rootDir>/scripts', '<rootDir>/test'],
	testMatch: ['**/*.test.mts'],
	moduleFileExtensions: ['mts', 'mjs', 'cjs', 'js', 'ts', 'json', 'node'],
	transform: {
		// Also .mjs: support code that runs before anything is installed.
		'\\.(m?ts|mjs)$': [
			'@swc/jest',
			{
				jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
				module: { type: 'commonjs' },
			},
		],
	},
	// More than the cores, because the tests often wait. By default Jest leaves one core free: of two, half.
	maxWorkers: Math.ceil(availableParallelism() * 1.5),
	reporters: ['default', '<rootDir>/test/harness/closingLine.mjs'],
	// Only ends what hangs: machines differ in speed.
	testTimeout: 1_800_000,
};
