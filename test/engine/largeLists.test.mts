/** More tasks and records than a call of a function has arguments. */
import type { IDataObject } from 'n8n-workflow';

import { accessToken, links, setupFixture } from '../harness/fixture.mts';
import { startTestServer } from '../support/testServer.mts';

const fixture = setupFixture({ seed: 'empty' });

/** A PBX that adds every task. */
const startPbx = async () => {
	let count = 0;
	return await startTestServer(({ method, body }, response) => {
		response.setHeader('content-type', 'application/json');
		if (method === 'GET') {
			response.end(JSON.stringify({ id: 7, name: 'Large', status: 'on', task_count: count }));
			return;
		}
		const { tasks } = JSON.parse(body) as { tasks: IDataObject[] };
		response.writeHead(201);
		response.end(JSON.stringify({ tasks: tasks.map((task) => ({ id: ++count, ...task })) }));
	});
};

it('Add Tasks adds 150,000 tasks of one item', async () => {
	const pbx = await startPbx();
	const tasks = Array.from({ length: 150_000 }, (_, index) => ({
		a_number: `+7916${1_000_000 + index}`,
	}));
	const { error, items } = await fixture.run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '7',
			taskInput: 'json',
			tasks: '={{ $json.tasks }}',
			options: { batchSize: 5000, skipDuplicates: true },
		},
		{
			json: [{ tasks }],
			credentials: { ringMeApi: { ...accessToken(fixture.sandbox), baseUrl: pbx.url } },
		},
	);
	await pbx.stop();
	expect(error?.message).toBeUndefined();
	expect(items).toHaveLength(tasks.length);
	expect(new Set(links(items))).toEqual(new Set([0]));
});

it.each([
	['returns 120,000 recordings of one period', 120_000],
	['says that n8n cannot take 130,000 for one item, and stops reading', 130_000],
])('Return All %s', async (_, count) => {
	const PAGE = 100;
	const pbx = await startTestServer(({ path }, response) => {
		const page = Number(new URL(path, 'http://pbx').searchParams.get('page'));
		const first = (page - 1) * PAGE;
		const length = Math.max(0, Math.min(PAGE, count - first));
		response.setHeader('content-type', 'application/json');
		response.end(
			JSON.stringify(Array.from({ length }, (__, index) => ({ record_uuid: `r${first + index}` }))),
		);
	});
	const { error, items } = await fixture.run(
		{
			resource: 'recording',
			operation: 'getMany',
			returnAll: true,
			startDatetime: '2026-05-01T00:00:00Z',
			endDatetime: '2026-05-31T00:00:00Z',
		},
		{ credentials: { ringMeApi: { ...accessToken(fixture.sandbox), baseUrl: pbx.url } } },
	);
	await pbx.stop();
	if (count === 120_000) {
		expect(error?.message).toBeUndefined();
		expect(items).toHaveLength(count);
	} else {
		expect(error?.message).toMatch(/^There are more than 120000 records/);
		expect(pbx.requests.length).toBeLessThan(1210);
	}
});
