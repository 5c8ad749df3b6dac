const { dest, parallel, src } = require('gulp');

/** The compiler carries code only; n8n also needs the icons, the codex and the output previews beside it. */
const icons = () => src('icons/*.svg').pipe(dest('dist/icons'));
// One src with all patterns: a second one in the pipe sometimes never ends when it matches nothing.
const metadata = () =>
	src(['nodes/**/*.{node.json,svg}', 'nodes/**/__schema__/**/*.json'], { base: '.' }).pipe(
		dest('dist'),
	);

exports.default = parallel(icons, metadata);
