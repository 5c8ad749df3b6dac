const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { dest, parallel, series, src } = require('gulp');

// Not `n8n-node build`: it copies every picture of the repository into the package, those of the docs too, and leaves
// out the codex files (`*.node.json`).

const clean = async () => await rm('dist', { recursive: true, force: true });

const compile = () =>
	spawn(process.execPath, [require.resolve('typescript/bin/tsc')], { stdio: 'inherit' });

/** The compiler carries code only; n8n also needs the icons, the codex and the output previews beside it. */
const copyIcons = () => src('icons/*.svg').pipe(dest('dist/icons'));
// One src with all patterns: a second one in the pipe sometimes never ends when it matches nothing.
const copyMetadata = () =>
	src(['nodes/**/*.{node.json,svg}', 'nodes/**/__schema__/**/*.json'], { base: '.' }).pipe(
		dest('dist'),
	);

exports.default = series(clean, compile, parallel(copyIcons, copyMetadata));
