/** Operations of two typical resources in n8n's engine: requests, output, links to input items, list search. */
import { accessToken, byId, setupFixture, links } from '../harness/fixture.mts';

const fixture = setupFixture();

const lastRequest = () => fixture.sandbox.journal.last();
const extensions = () => fixture.sandbox.store.extensions.list();
const API = '/api/ver1.0/client/@me';

describe('Extension', () => {
	const run = async (operation: string, parameters = {}, options = {}) =>
		await fixture.run({ resource: 'extension', operation, ...parameters }, options);

	it('sends exactly the set fields with Create', async () => {
		const { json } = await run('create', {
			extensionName: '150',
			extensionType: 'queue',
			extensionAdditionalFields: { label: 'Waiting room', aniRfc3325: false, callerIdName: '' },
		});
		expect(lastRequest()).toMatchObject({ method: 'POST', path: `${API}/extension/`, status: 201 });
		expect(lastRequest()?.body).toEqual({
			name: '150',
			type: 'queue',
			label: 'Waiting room',
			ani_rfc3325: false,
		});
		expect(json[0]).toMatchObject({ label: 'Waiting room', type: 'queue' });
	});

	it('returns ten fields with Simplify and all fields without it', async () => {
		const [{ id }] = extensions();
		const simplified = await run('get', { extensionId: byId(id) });
		const whole = await run('get', { extensionId: byId(id), simplify: false });
		expect(lastRequest()?.path).toBe(`${API}/extension/${id}`);
		expect(Object.keys(simplified.json[0])).toHaveLength(10);
		expect(whole.json[0]).toMatchObject(simplified.json[0]);
		expect(Object.keys(whole.json[0]).length).toBeGreaterThan(10);
	});

	it('outputs one linked item per record up to the limit with Get Many', async () => {
		const { items } = await run('getMany', { limit: 7 }, { json: [{}, {}] });
		expect(links(items)).toEqual([...Array(7).fill(0), ...Array(7).fill(1)]);
	});

	it('filters Get Many by lists of values', async () => {
		const { json } = await run('getMany', {
			returnAll: true,
			extensionFilters: { type: ['queue', 'ivr'], status: ['active'] },
		});
		expect(json.length).toBeGreaterThan(0);
		expect(json.every(({ type }) => type === 'queue' || type === 'ivr')).toBe(true);
		expect(fixture.sandbox.journal.api()[0].query).toMatchObject({
			type: ['queue', 'ivr'],
			status: 'active',
		});
	});

	it('sends only the added fields with Update', async () => {
		const [{ id }] = extensions();
		await run('update', { extensionId: byId(id), extensionUpdateFields: { label: 'Front desk' } });
		expect(lastRequest()).toMatchObject({
			method: 'PUT',
			body: { label: 'Front desk' },
			status: 200,
		});
		expect(fixture.sandbox.store.extensions.get(id)?.label).toBe('Front desk');
	});

	it('outputs that a record is deleted with Delete', async () => {
		const { id } = extensions()[3];
		const { json } = await run('delete', { extensionId: byId(id) });
		expect(json).toEqual([{ deleted: true }]);
		expect(fixture.sandbox.store.extensions.get(id)).toBeUndefined();
	});

	it('reads the ID from each item, and links the record to the item', async () => {
		const ids = extensions()
			.slice(0, 12)
			.map(({ id }) => id);
		const { items } = await run(
			'get',
			{ extensionId: byId('={{ $json.id }}') },
			{ json: ids.map((id) => ({ id })) },
		);
		expect(items.map(({ json }) => json.id)).toEqual(ids);
		expect(links(items)).toEqual(ids.map((_, index) => index));
		expect(fixture.sandbox.journal.maxInFlight).toBeLessThanOrEqual(5);
	});

	it('sends requests for another PBX client if the settings contain one', async () => {
		await run('getMany', { limit: 1, client: '4321' });
		expect(lastRequest()?.path).toBe('/api/ver1.0/client/4321/extension/');
		const { error } = await run('getMany', { limit: 1, client: '9' });
		expect(error?.description).toContain('PBX Client');
	});

	it('lists extensions by number and label, and filters them by text', async () => {
		const search = async (filter?: string) =>
			await fixture.engine.listSearch('searchExtension', {
				node: 'ringMe',
				parameters: { authentication: 'accessToken', resource: 'extension', operation: 'get' },
				credentials: { ringMeApi: accessToken(fixture.sandbox) },
				filter,
			});
		const all = await search();
		const [{ id, name, label }] = extensions();
		expect(all.results[0]).toMatchObject({ name: `${name.split('*')[1]} ${label}`, value: id });
		const found = await search(String(label).slice(0, 5).toLowerCase());
		expect(found.results.length).toBeLessThan(all.results.length);
		expect(found.results[0].value).toBe(id);
	});
});

describe('Task Scheduler', () => {
	const run = async (operation: string, parameters = {}) =>
		await fixture.run({ resource: 'taskScheduler', operation, ...parameters });

	it('creates a task scheduler, switches it on and returns it', async () => {
		const [{ id }] = (
			await run('create', {
				taskSchedulerName: 'Autumn',
				taskSchedulerAdditionalFields: { concurrentTaskLimit: 3 },
			})
		).json;
		expect(lastRequest()?.body).toEqual({ name: 'Autumn', concurrent_task_limit: 3 });
		await run('update', { schedulerId: String(id), taskSchedulerUpdateFields: { status: 'on' } });
		expect(lastRequest()?.body).toEqual({ status: 'on' });
		const { json } = await run('get', { schedulerId: String(id) });
		expect(json[0]).toMatchObject({ id, name: 'Autumn', status: 'on', task_count: 0 });
	});

	it('returns a task with its status', async () => {
		const { json: added } = await fixture.run(
			{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
			{ json: [{ a_number: '+442079460001', b_number: '101' }] },
		);
		const { json } = await run('getTask', { schedulerId: '2', taskId: String(added[0].id) });
		expect(json[0]).toMatchObject({ id: added[0].id, status: 'scheduled' });
	});
});

describe('Task Scheduler', () => {
	const run = async (operation: string) =>
		await fixture.run({ resource: 'taskScheduler', operation, schedulerId: '2' });
	const scheduler = () => fixture.sandbox.store.taskSchedulers.get(2);

	it.each([
		['switchOff', 'off'],
		['switchOn', 'on'],
	])('sends nothing but the status with %s', async (operation, status) => {
		const { json } = await run(operation);
		expect(lastRequest()).toMatchObject({ method: 'PUT', path: `${API}/task_scheduler/2` });
		expect(lastRequest()?.body).toEqual({ status });
		expect(scheduler()?.status).toBe(status);
		expect(json).toHaveLength(1);
	});

	it('counts all and waiting tasks with Get Progress', async () => {
		await run('switchOff');
		const numbers = ['+442079460001', '+442079460002', '+442079460003'];
		const before = await run('getProgress');
		await fixture.run(
			{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
			{ json: numbers.map((a_number) => ({ a_number, b_number: '101' })) },
		);
		const after = await run('getProgress');
		expect(after.json[0]).toEqual({
			...before.json[0],
			total: Number(before.json[0].total) + 3,
			waiting: Number(before.json[0].waiting) + 3,
			startedPercent: expect.any(Number),
		});
		expect(after.json[0]).toMatchObject({ id: 2, status: 'off' });
	});
});
