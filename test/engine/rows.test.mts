/** The two pattern resources through n8n's engine: requests on the wire, output, linking, lists. */
import { accessToken, byId, links, oAuth2, openBench, type Bench } from '../harness/pbx.mts';

let bench: Bench;
beforeAll(async () => (bench = await openBench()));
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

const last = () => bench.sandbox.journal.last();
const extensions = () => bench.sandbox.store.extensions.list();
const API = '/api/ver1.0/client/@me';

describe('Extension', () => {
	const run = async (operation: string, parameters = {}, options = {}) =>
		await bench.run({ resource: 'extension', operation, ...parameters }, options);

	it('Create sends what is set and nothing else', async () => {
		const { json } = await run('create', {
			extensionName: '150',
			extensionType: 'queue',
			extensionAdditionalFields: { label: 'Waiting room', aniRfc3325: false, callerIdName: '' },
		});
		expect(last()).toMatchObject({ method: 'POST', path: `${API}/extension/`, status: 201 });
		expect(last()?.body).toEqual({
			name: '150',
			type: 'queue',
			label: 'Waiting room',
			ani_rfc3325: false,
		});
		expect(json[0]).toMatchObject({ label: 'Waiting room', type: 'queue' });
	});

	it('Get is simplified, or raw', async () => {
		const [{ id }] = extensions();
		const simple = await run('get', { extensionId: byId(id) });
		const raw = await run('get', { extensionId: byId(id), simplify: false });
		expect(last()?.path).toBe(`${API}/extension/${id}`);
		expect(Object.keys(simple.json[0])).toHaveLength(10);
		expect(raw.json[0]).toMatchObject(simple.json[0]);
		expect(Object.keys(raw.json[0]).length).toBeGreaterThan(10);
	});

	it('Get Many gives one linked item per record, cut to the limit', async () => {
		const { items } = await run('getMany', { limit: 7 }, { json: [{}, {}] });
		expect(links(items)).toEqual([...Array(7).fill(0), ...Array(7).fill(1)]);
	});

	it('Get Many filters by lists', async () => {
		const { json } = await run('getMany', {
			returnAll: true,
			extensionFilters: { type: ['queue', 'ivr'], status: ['active'] },
		});
		expect(json.length).toBeGreaterThan(0);
		expect(json.every(({ type }) => type === 'queue' || type === 'ivr')).toBe(true);
		expect(bench.sandbox.journal.api()[0].query).toMatchObject({
			type: ['queue', 'ivr'],
			status: 'active',
		});
	});

	it('Update changes only what is added', async () => {
		const [{ id }] = extensions();
		await run('update', { extensionId: byId(id), extensionUpdateFields: { label: 'Front desk' } });
		expect(last()).toMatchObject({ method: 'PUT', body: { label: 'Front desk' }, status: 200 });
		expect(bench.sandbox.store.extensions.get(id)?.label).toBe('Front desk');
	});

	it('Delete says so', async () => {
		const { id } = extensions()[3];
		const { json } = await run('delete', { extensionId: byId(id) });
		expect(json).toEqual([{ deleted: true }]);
		expect(bench.sandbox.store.extensions.get(id)).toBeUndefined();
	});

	it('reads the ID from each item, and links the result to it', async () => {
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
		expect(bench.sandbox.journal.maxInFlight).toBeLessThanOrEqual(5);
	});

	it('works for another client, if the options say so', async () => {
		await run('getMany', { limit: 1, options: { client: '4321' } });
		expect(last()?.path).toBe('/api/ver1.0/client/4321/extension/');
		const { error } = await run('getMany', { limit: 1, options: { client: '9' } });
		expect(error?.description).toContain('PBX Client');
	});

	it('is picked from a list by what a person knows of it', async () => {
		const search = async (filter?: string) =>
			await bench.engine.listSearch('searchExtension', {
				node: 'ringMe',
				parameters: { authentication: 'accessToken', resource: 'extension', operation: 'get' },
				credentials: { ringMeApi: accessToken(bench.sandbox) },
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
		await bench.run({ resource: 'taskScheduler', operation, ...parameters });

	it('is created, read, switched on', async () => {
		const [{ id }] = (
			await run('create', {
				taskSchedulerName: 'Autumn',
				taskSchedulerAdditionalFields: { concurrentTaskLimit: 3 },
			})
		).json;
		expect(last()?.body).toEqual({ name: 'Autumn', concurrent_task_limit: 3 });
		await run('update', { schedulerId: String(id), taskSchedulerUpdateFields: { status: 'on' } });
		expect(last()?.body).toEqual({ status: 'on' });
		const { json } = await run('get', { schedulerId: String(id) });
		expect(json[0]).toMatchObject({ id, name: 'Autumn', status: 'on', task_count: 0 });
	});

	it('gives a task with its status', async () => {
		const { json: added } = await bench.run(
			{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
			{ json: [{ a_number: '+442079460001', b_number: '101' }] },
		);
		const { json } = await run('getTask', { schedulerId: '2', taskId: String(added[0].id) });
		expect(json[0]).toMatchObject({ id: added[0].id, status: 'scheduled' });
	});
});

describe('the credentials', () => {
	it('OAuth2: the test succeeds, and tells of a wrong secret', async () => {
		const good = oAuth2(bench.sandbox);
		expect(await bench.engine.testCredential('ringMeOAuth2Api', good)).toMatchObject({
			status: 'OK',
		});
		const bad = await bench.engine.testCredential('ringMeOAuth2Api', {
			...good,
			clientSecret: 'wrong',
		});
		expect(bad.status).toBe('Error');
		expect(JSON.stringify(bad)).not.toContain('sandbox-secret');
	});

	it('Access Token: the test succeeds, and tells of a wrong token or address', async () => {
		const good = accessToken(bench.sandbox);
		expect(await bench.engine.testCredential('ringMeApi', good)).toMatchObject({ status: 'OK' });
		expect(
			await bench.engine.testCredential('ringMeApi', { ...good, accessToken: 'wrong' }),
		).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('does not accept the token'),
		});
	});

	it.each(['/', '/api/ver1.0', '/api/ver1.0/'])(
		'take a Base URL that ends in %s',
		async (ending) => {
			const ringMeApi = { ...accessToken(bench.sandbox), baseUrl: bench.sandbox.url + ending };
			const { error } = await bench.run(
				{ resource: 'extension', operation: 'getMany', limit: 1 },
				{ credentials: { ringMeApi } },
			);
			expect(error).toBeUndefined();
			expect(await bench.engine.testCredential('ringMeApi', ringMeApi)).toMatchObject({
				status: 'OK',
			});
		},
	);

	it.each(['http://pbx.example.com', 'ftp://localhost', 'https://user@pbx.example.com', 'pbx'])(
		'refuse the Base URL %s before anything is sent',
		async (baseUrl) => {
			const ringMeApi = { ...accessToken(bench.sandbox), baseUrl };
			const { error } = await bench.run(
				{ resource: 'extension', operation: 'getMany' },
				{ credentials: { ringMeApi } },
			);
			expect(error?.message).toBe('The Base URL of the credential cannot be used');
		},
	);
});
