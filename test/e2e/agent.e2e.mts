/**
 * The node as a tool of n8n's AI agent, with a scripted model: what the model is offered, what reaches the PBX, and
 * what the model reads. The agent of today runs the node like any other; older ones call it past `customOperations`,
 * so that Add Tasks goes its declarative way.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { whatFailed } from '../../scripts/n8n/editor.mts';
import { startWorld, type World } from '../../scripts/n8n/world.mts';
import {
	agentWorkflow,
	fromAi,
	idFromAi,
	type AgentKind,
	type Credential,
	type ToolNode,
} from './support/agentWorkflow.mts';
import { call, startChatModel, type ChatModel, type Script } from './support/chatModel.mts';

const STEP_MS = 60_000;
const SECRET = 'sandbox-secret';
const NUMBERS = ['+447700900101', '+447700900102'];

/** A model has to fill in everything; what it has nothing for it leaves empty. */
const ANN = { A_Number: NUMBERS[0], Name: 'Ann', Extension: '' };

const GET = 'Get extension in RingMe';
const DELETE = 'Delete extension in RingMe';
const ADD = 'Add dialing tasks to task scheduler in RingMe';

/** As the editor saves them: a choice that is the default one is left out. */
const get = {
	name: 'Get an extension',
	parameters: { resource: 'extension', operation: 'get', extensionId: idFromAi('Extension') },
};
const addOne = {
	name: 'Call somebody',
	parameters: {
		schedulerId: '1',
		taskInput: 'fields',
		task: {
			...{ aNumber: fromAi('A_Number'), bNumber: '101', name: fromAi('Name') },
			extensionId: idFromAi('Extension'),
		},
	},
};
const addMany = {
	name: 'Call a list of people',
	parameters: { schedulerId: '1', taskInput: 'json', tasks: fromAi('Tasks', 'json') },
};
const remove = {
	name: 'Delete an extension',
	parameters: { resource: 'extension', operation: 'delete', extensionId: idFromAi('Extension') },
};
const update = {
	name: 'Rename an extension',
	parameters: {
		...{ resource: 'extension', operation: 'update', extensionId: idFromAi('Extension') },
		extensionUpdateFields: { label: fromAi('Label') },
	},
};

let world: World;
let model: ChatModel;
let openAiApi: Credential;
let access: Record<'all' | 'callApi', Credential>;

before(
	async () => {
		model = await startChatModel();
		world = await startWorld('agent');
		const make = async (type: string, data: object) =>
			await world.editor.send<Credential>('POST', '/credentials', { name: type, type, data });
		const pbx = async (clientId: string) =>
			await make('ringMeOAuth2Api', {
				...{ baseUrl: world.sandbox.url, grantType: 'clientCredentials' },
				...{ clientId, clientSecret: SECRET },
			});
		openAiApi = await make('openAiApi', { apiKey: 'none', url: model.url });
		access = { all: await pbx('sandbox-app'), callApi: await pbx('sandbox-callapi') };
	},
	{ timeout: 600_000 },
);

after(async () => {
	await world?.stop();
	await model?.stop();
});

beforeEach(() => {
	world.sandbox.journal.clear();
	world.sandbox.faults.clear();
});

/** Asks an agent that has these tools. @returns its answer */
async function chat(
	kind: AgentKind,
	question: string,
	tools: ToolNode[],
	script: Script,
	ringMeOAuth2Api = access.all,
): Promise<string> {
	model.play(script);
	const workflow = agentWorkflow(kind, question, tools, { openAiApi, ringMeOAuth2Api });
	const run = await world.editor.run(
		await world.editor.send('POST', '/workflows', workflow),
		agentWorkflow.trigger,
	);
	assert.equal(run.status, 'success', whatFailed(run));
	assert.deepEqual(world.sandbox.errors, []);
	const read = model.asked.map(({ raw }) => raw).join('\n');
	const tokens = world.sandbox.oauth.sessions().map(({ accessToken }) => accessToken);
	assert.ok(tokens.length > 0);
	assert.deepEqual(
		[SECRET, ...tokens].filter((secret) => read.includes(secret)),
		[],
	);
	const [item] = run.nodes[agentWorkflow.agent]?.at(-1)?.data?.main?.[0] ?? [];
	return String(item?.json.output);
}

/** Calls a tool once for each set of arguments, one after the other, then tells what it answered. */
const calling =
	(description: string, ...args: Array<Record<string, unknown>>): Script =>
	(asked) =>
		asked.results.length < args.length
			? [call(asked, description, args[asked.results.length])]
			: `It said: ${asked.results.join(' | ')}`;

const requests = () =>
	world.sandbox.journal
		.api()
		.map(({ method, path, status }) => `${method} ${path.replace(/^.*@me/, '')} ${status}`);

const labelled = (wanted: string) => {
	const [found] = world.sandbox.store.extensions.filter(({ label }) => label === wanted);
	return found;
};

/** Tasks that were not there. */
function newTasks() {
	const before = new Set(world.sandbox.store.tasks.list().map(({ id }) => id));
	return () => world.sandbox.store.tasks.filter(({ id }) => !before.has(id));
}

for (const [title, kind] of [
	['the agent of today', { version: 3.1, responsesApi: true }],
	// It gives its model nothing at all of a tool that fails; a tool that goes on has its error as an item.
	['an older agent', { version: 2.2, responsesApi: false, toolsGoOn: true }],
] as const) {
	describe(title, { concurrency: 1 }, () => {
		const step = (name: string, run: () => Promise<void>) => test(name, { timeout: STEP_MS }, run);

		step('offers each tool by its name, what it does and what it has to be told', async () => {
			await chat(kind, 'Hello!', [get, update, remove, addOne, addMany], () => 'Hello!');
			const offered = model.asked[0].tools.map(({ name, description, parameters }) => {
				assert.deepEqual(Object.keys(parameters.properties ?? {}), parameters.required);
				return `${name}(${String(parameters.required)}): ${description}`;
			});
			assert.deepEqual(offered.sort(), [
				'Call_a_list_of_people(Tasks): Add dialing tasks to task scheduler in RingMe',
				'Call_somebody(A_Number,Extension,Name): Add dialing tasks to task scheduler in RingMe',
				'Delete_an_extension(Extension): Delete extension in RingMe',
				'Get_an_extension(Extension): Get extension in RingMe',
				'Rename_an_extension(Extension,Label): Update extension in RingMe',
			]);
		});

		step('gets the extension that the model names', async () => {
			const { id } = labelled('Sales 2');
			const script = calling(GET, { Extension: String(id) });
			const answer = await chat(kind, `Who is ${id}?`, [get, addOne], script);
			assert.match(answer, /"label":"Sales 2"/);
			assert.deepEqual(requests(), [`GET /extension/${id} 200`]);
		});

		step('adds one task with the number of the model', async () => {
			const added = newTasks();
			const script = calling(ADD, ANN);
			const answer = await chat(kind, 'Call Ann.', [get, addOne], script);
			assert.match(answer, /"name":"Ann"/);
			const [task, ...others] = added();
			assert.deepEqual(others, []);
			assert.deepEqual([task.a_number, task.b_number, task.name], [NUMBERS[0], '101', 'Ann']);
			assert.equal(task.extension_id, null);
			assert.match(answer, new RegExp(`"id":${task.id},`));
		});

		step('adds the tasks of a list of the model, once each', async () => {
			const added = newTasks();
			const tasks = NUMBERS.map((number) => ({ a_number: number, b_number: '101' }));
			const answer = await chat(kind, 'Call them.', [addMany], calling(ADD, { Tasks: tasks }));
			assert.deepEqual(
				added().map(({ a_number: number }) => number),
				NUMBERS,
			);
			for (const { id } of added()) assert.match(answer, new RegExp(`"id":${id},`));
			assert.equal(world.sandbox.journal.find('POST').length, 1);
		});

		step('the same call again is meant so', async () => {
			const added = newTasks();
			const { id } = labelled('Sales 2');
			const ann = { ...ANN, Extension: String(id) };
			await chat(kind, 'Call Ann twice.', [addOne], calling(ADD, ann, ann));
			assert.deepEqual(
				added().map(({ extension_id: extension }) => extension),
				[id, id],
			);
		});

		step(
			'a lost answer: the model reads that it is unknown, and nothing is added twice',
			async () => {
				const added = newTasks();
				world.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' } });
				const script = calling(ADD, ANN);
				const answer = await chat(kind, 'Call Ann.', [addOne], script);
				assert.match(answer, /unknown whether it did what was asked/);
				assert.match(answer, /Look in the PBX before you repeat it/);
				assert.equal(added().length, 1);
			},
		);

		step('after a failure the model knows why, and may try again', async () => {
			const { id } = labelled('Sales 2');
			const script = calling(GET, { Extension: '999' }, { Extension: String(id) });
			const answer = await chat(kind, 'Who is it?', [get], script);
			assert.match(answer, /The PBX has no extension 999\. Check the ID/);
			assert.match(answer, /"label":"Sales 2"/);
		});

		step('deletes, where the credential may', async () => {
			const id = world.sandbox.store.extensions.list().at(-1)?.id ?? 0;
			const script = calling(DELETE, { Extension: String(id) });
			const refused = await chat(kind, 'Delete it.', [remove], script, access.callApi);
			assert.match(
				refused,
				/does not allow this\. The application is registered for Call API only/,
			);
			assert.ok(world.sandbox.store.extensions.get(id));
			const done = await chat(kind, 'Delete it.', [get, remove], script);
			assert.match(done, /"deleted":true/);
			assert.equal(world.sandbox.store.extensions.get(id), undefined);
		});
	});
}
