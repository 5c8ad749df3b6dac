/**
 * The node as a tool of n8n's AI agent, with a scripted model: the tools that the model is offered, the requests to the
 * PBX, and the results that the model gets. The current agent runs the node like any other; older ones bypass
 * `customOperations`, so that Add Tasks runs declaratively.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { describeFailure, type Credential } from '../support/n8n/editor.mts';
import { sandboxAccess } from '../support/n8n/sandboxAccess.mts';
import { startTestEnvironment, type TestEnvironment } from '../support/n8n/testEnvironment.mts';
import {
	agentWorkflow,
	fromAi,
	idFromAi,
	type AgentKind,
	type ToolNode,
} from './support/agentWorkflow.mts';
import { callTool, startChatModel, type ChatModel, type Script } from './support/chatModel.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 300_000;
const SECRET = 'sandbox-secret';
const NUMBERS = ['+447700900101', '+447700900102'];
const CALL = 'Call one person and wait for the result in RingMe';

/** A model has to fill in every argument; it leaves empty what it has no value for. */
const ANN = { A_Number: NUMBERS[0], Name: 'Ann', Extension: '' };

const GET = 'Get extension in RingMe';
const DELETE = 'Delete extension in RingMe';
const ADD = 'Add tasks to task scheduler in RingMe';

/** As the editor saves them: without parameters that have their default. */
const get = {
	name: 'Get an extension',
	parameters: { resource: 'extension', operation: 'get', extensionId: idFromAi('Extension') },
};
const addOne = {
	name: 'Call somebody',
	parameters: {
		schedulerId: '1',
		taskInput: 'fields',
		aNumber: fromAi('A_Number'),
		bNumber: '101',
		taskFields: {
			name: fromAi('Name'),
			extensionId: idFromAi('Extension'),
		},
	},
};
const addMany = {
	name: 'Call a list of people',
	parameters: { schedulerId: '1', taskInput: 'json', tasks: fromAi('Tasks', 'json') },
};
const callAndWait = {
	name: 'Call somebody and wait',
	parameters: {
		operation: 'callAndWait',
		schedulerId: '1',
		aNumber: fromAi('A_Number'),
		bNumber: '101',
	},
};
const remove = {
	name: 'Delete an extension',
	parameters: { resource: 'extension', operation: 'delete', extensionId: idFromAi('Extension') },
};
const update = {
	name: 'Rename an extension',
	parameters: {
		resource: 'extension',
		operation: 'update',
		extensionId: idFromAi('Extension'),
		extensionUpdateFields: { label: fromAi('Label') },
	},
};

let environment: TestEnvironment;
let model: ChatModel;
let openAiApi: Credential;
let credentials: Record<'fullAccess' | 'callApiOnly', Credential>;

before(
	async () => {
		model = await startChatModel();
		environment = await startTestEnvironment('agent');
		const { editor, sandbox } = environment;
		const createPbxCredential = async (clientId: string) =>
			await editor.createPbxCredential(sandboxAccess(sandbox, clientId));
		openAiApi = await editor.createCredential('openAiApi', 'Chat model', {
			apiKey: 'none',
			url: model.url,
		});
		credentials = {
			fullAccess: await createPbxCredential('sandbox-app'),
			callApiOnly: await createPbxCredential('sandbox-callapi'),
		};
	},
	{ timeout: 1_800_000 },
);

after(async () => {
	await environment?.stop();
	await model?.stop();
});

beforeEach(() => {
	environment.sandbox.journal.clear();
	environment.sandbox.faults.clear();
});

/** Asks an agent that has these tools. @returns its output */
async function chat(
	kind: AgentKind,
	question: string,
	tools: ToolNode[],
	script: Script,
	ringMeOAuth2Api = credentials.fullAccess,
): Promise<string> {
	model.start(script);
	const workflow = agentWorkflow(kind, question, tools, { openAiApi, ringMeOAuth2Api });
	const run = await environment.editor.run(
		await environment.editor.createWorkflow(workflow),
		agentWorkflow.trigger,
	);
	assert.equal(run.status, 'success', describeFailure(run));
	assert.deepEqual(environment.sandbox.errors, []);
	const sent = model.requests.map(({ raw }) => raw).join('\n');
	const tokens = environment.sandbox.oauth.sessions().map(({ accessToken }) => accessToken);
	assert.ok(tokens.length > 0);
	assert.deepEqual(
		[SECRET, ...tokens].filter((secret) => sent.includes(secret)),
		[],
	);
	const [item] = run.nodes[agentWorkflow.agent]?.at(-1)?.data?.main?.[0] ?? [];
	return String(item?.json.output);
}

/** Calls a tool once for each set of arguments, one after the other, then responds with the results. */
const callsTool =
	(description: string, ...args: Array<Record<string, unknown>>): Script =>
	(request) =>
		request.results.length < args.length
			? [callTool(request, description, args[request.results.length])]
			: `Results: ${request.results.join(' | ')}`;

const requests = () =>
	environment.sandbox.journal
		.api()
		.map(({ method, path, status }) => `${method} ${path.replace(/^.*@me/, '')} ${status}`);

const findExtension = (wanted: string) => {
	const [extension] = environment.sandbox.store.extensions.filter(({ label }) => label === wanted);
	return extension;
};

/** @returns reads the tasks that were added since this call */
function watchTasks() {
	const existing = new Set(environment.sandbox.store.tasks.list().map(({ id }) => id));
	return () => environment.sandbox.store.tasks.filter(({ id }) => !existing.has(id));
}

for (const [title, kind] of [
	['the current agent', { version: 3.1, responsesApi: true }],
	// Its model gets no result of a tool that fails. A tool that continues has its error as an item.
	['an older agent', { version: 2.2, responsesApi: false, continueOnFail: true }],
] as const) {
	describe(title, { concurrency: 1 }, () => {
		const agentTest = (name: string, run: () => Promise<void>) =>
			test(name, { timeout: TEST_MS }, run);

		agentTest('offers each tool with its name, description and arguments', async () => {
			await chat(kind, 'Hello!', [get, update, remove, addOne, addMany], () => 'Hello!');
			const offered = model.requests[0].tools.map(({ name, description, parameters }) => {
				assert.deepEqual(Object.keys(parameters.properties ?? {}), parameters.required);
				return `${name}(${String(parameters.required)}): ${description}`;
			});
			assert.deepEqual(offered.sort(), [
				'Call_a_list_of_people(Tasks): Add tasks to task scheduler in RingMe',
				'Call_somebody(A_Number,Extension,Name): Add tasks to task scheduler in RingMe',
				'Delete_an_extension(Extension): Delete extension in RingMe',
				'Get_an_extension(Extension): Get extension in RingMe',
				'Rename_an_extension(Extension,Label): Update extension in RingMe',
			]);
		});

		agentTest('gets the extension that the model chooses', async () => {
			const { id } = findExtension('Sales 2');
			const script = callsTool(GET, { Extension: String(id) });
			const output = await chat(kind, `Who is ${id}?`, [get, addOne], script);
			assert.match(output, /"label":"Sales 2"/);
			assert.deepEqual(requests(), [`GET /extension/${id} 200`]);
		});

		agentTest('adds one task with the number that the model chooses', async () => {
			const added = watchTasks();
			const script = callsTool(ADD, ANN);
			const output = await chat(kind, 'Call Ann.', [get, addOne], script);
			assert.match(output, /"name":"Ann"/);
			const [task, ...others] = added();
			assert.deepEqual(others, []);
			assert.deepEqual([task.a_number, task.b_number, task.name], [NUMBERS[0], '101', 'Ann']);
			assert.equal(task.extension_id, null);
			assert.match(output, new RegExp(`"id":${task.id},`));
		});

		agentTest('adds each task of a list from the model once', async () => {
			const added = watchTasks();
			const tasks = NUMBERS.map((number) => ({ a_number: number, b_number: '101' }));
			const output = await chat(kind, 'Call them.', [addMany], callsTool(ADD, { Tasks: tasks }));
			assert.deepEqual(
				added().map(({ a_number: number }) => number),
				NUMBERS,
			);
			for (const { id } of added()) assert.match(output, new RegExp(`"id":${id},`));
			assert.equal(environment.sandbox.journal.find('POST').length, 1);
		});

		agentTest('adds a second task when the model repeats a call', async () => {
			const added = watchTasks();
			const { id } = findExtension('Sales 2');
			const ann = { ...ANN, Extension: String(id) };
			await chat(kind, 'Call Ann twice.', [addOne], callsTool(ADD, ann, ann));
			assert.deepEqual(
				added().map(({ extension_id: extension }) => extension),
				[id, id],
			);
		});

		agentTest(
			'tells the model that the outcome is unknown when the response was lost, and adds nothing twice',
			async () => {
				const added = watchTasks();
				environment.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' } });
				const script = callsTool(ADD, ANN);
				const output = await chat(kind, 'Call Ann.', [addOne], script);
				assert.match(output, /unknown whether the request was executed/);
				assert.match(output, /Check the PBX before you repeat it/);
				assert.equal(added().length, 1);
			},
		);

		agentTest('tells the model why a call failed, so that it can try again', async () => {
			const { id } = findExtension('Sales 2');
			const script = callsTool(GET, { Extension: '999' }, { Extension: String(id) });
			const output = await chat(kind, 'Who is it?', [get], script);
			assert.match(output, /The PBX has no extension 999\. Check the ID/);
			assert.match(output, /"label":"Sales 2"/);
		});

		agentTest('tells the model to use other operations instead of Call and Wait', async () => {
			const script = callsTool(CALL, { A_Number: NUMBERS[0] });
			const output = await chat(kind, 'Call Ann.', [callAndWait], script);
			assert.match(output, /nobody was called.*'Add Tasks'.*'Get Task'/);
			assert.deepEqual(environment.sandbox.journal.find('POST', '/tasks/'), []);
		});

		agentTest('deletes an extension only if the credential is allowed to', async () => {
			const id = environment.sandbox.store.extensions.list().at(-1)?.id ?? 0;
			const script = callsTool(DELETE, { Extension: String(id) });
			const refused = await chat(kind, 'Delete it.', [remove], script, credentials.callApiOnly);
			assert.match(
				refused,
				/does not allow this request\. The application is registered with the access level 'Call API'/,
			);
			assert.ok(environment.sandbox.store.extensions.get(id));
			const done = await chat(kind, 'Delete it.', [get, remove], script);
			assert.match(done, /"deleted":true/);
			assert.equal(environment.sandbox.store.extensions.get(id), undefined);
		});
	});
}
