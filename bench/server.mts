/**
 * The fastest PBX there can be, in a process of its own: it answers at once and checks nothing, so
 * that a ratio shows the cost of the node and not of a server. `LATENCY_MS` makes it slow on purpose.
 */
import { createServer } from 'node:http';

const latency = Number(process.env.LATENCY_MS ?? 0);
const EXTENSIONS = 10_000;

let tasks = 0;
let inFlight = 0;
let most = 0;
let requests = 0;

const server = createServer((request, response) => {
	const parts: Buffer[] = [];
	request.on('data', (part: Buffer) => parts.push(part));
	request.on('end', () => {
		const url = new URL(request.url ?? '/', 'http://pbx');
		if (url.pathname === '/stats') {
			response.end(JSON.stringify({ most, requests }));
			most = requests = 0;
			return;
		}
		requests++;
		most = Math.max(most, ++inFlight);
		const [status, body] = answer(request.method ?? 'GET', url, Buffer.concat(parts));
		const end = () => {
			inFlight--;
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(JSON.stringify(body));
		};
		if (latency) setTimeout(end, latency);
		else end();
	});
});

function answer(method: string, url: URL, body: Buffer): [number, unknown] {
	if (url.pathname.startsWith('/_control/')) return [200, {}];
	if (method === 'POST') {
		const given = (JSON.parse(body.toString()) as { tasks: object[] }).tasks;
		return [201, { tasks: given.map((task) => ({ id: ++tasks, status: 'scheduled', ...task })) }];
	}
	if (url.pathname.includes('/task_scheduler/')) {
		return [200, { id: 1, name: 'Bench', status: 'on', task_count: tasks }];
	}
	if (url.pathname.endsWith('/extension/')) {
		const perPage = Number(url.searchParams.get('per_page'));
		const first = (Number(url.searchParams.get('page')) - 1) * perPage;
		const length = Math.max(0, Math.min(perPage, EXTENSIONS - first));
		return [200, Array.from({ length }, (_, index) => extension(first + index + 1))];
	}
	return [200, extension(Number(url.pathname.split('/').pop()))];
}

const extension = (id: number) => ({
	id,
	name: `1844*${id}`,
	label: `Extension ${id}`,
	type: 'phone',
	status: 'active',
	extension_group_id: null,
});

server.listen(0, '127.0.0.1', () => {
	const address = server.address();
	process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => process.exit());
