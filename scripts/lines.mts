/** Tells how many lines of TypeScript the package takes per endpoint: `npx tsx scripts/lines.mts`. */
import { shippedFiles } from './docs/lines.mts';
import { operations } from './docs/places.mts';

const PARTS: Array<[string, string]> = [
	['rows (one file per resource)', 'nodes/RingMe/resources/'],
	['editor properties', 'nodes/RingMe/describe/'],
	['requests, retries, errors, files', 'nodes/RingMe/request/'],
	['list search', 'nodes/RingMe/methods/'],
	['Add Tasks', 'nodes/RingMe/addTasks/'],
	['RingMe Trigger', 'nodes/RingMeTrigger/'],
	['credentials', 'credentials/'],
	['all', ''],
];

const endpoints = (await operations()).flatMap((each) => each.endpoints).length;
const files = shippedFiles();
for (const [title, folder] of PARTS) {
	const lines = files
		.filter(({ path }) => path.startsWith(folder))
		.reduce((sum, file) => sum + file.lines, 0);
	const each = (lines / endpoints).toFixed(1);
	console.log(`${title.padEnd(34)}${String(lines).padStart(6)}  ${each.padStart(5)} per endpoint`);
}
const longest = files.reduce((a, b) => (b.lines > a.lines ? b : a));
console.log(`Longest file: ${longest.path}, ${longest.lines} lines.`);
