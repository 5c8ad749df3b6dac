import type { Agent } from '../../sandbox/state/types.mts';
import {
	createBench,
	register,
	startReceiver,
	type Bench,
	type Receiver,
} from './telephonyBench.mts';

let receiver: Receiver;
let bench: Bench;

beforeEach(async () => {
	receiver = await startReceiver();
	bench = createBench();
});
afterEach(async () => {
	bench.telephony.stop();
	await receiver.close();
});

const bodies = () => receiver.requests.map(({ body }) => body);

describe('messages', () => {
	beforeEach(() => {
		register(bench, receiver.url, ['message-in', 'message-out', 'message-out-status', 'voicemail']);
		bench.telephony.start();
	});

	it('that come in go to the extension of the DID, with lower-case names', async () => {
		await bench.telephony.message({ remote: '+12025550177', text: 'Hi & bye' });
		expect(bodies()).toEqual([
			{
				extension_name: '1844*102@sip.example.test',
				extension_id: String(bench.phones[1].id),
				did_number: '12025550100',
				src_number: '+12025550177',
				text: 'Hi & bye',
			},
		]);
	});

	it('that go out are followed by their status', async () => {
		const remote = '+12025550177';
		await bench.telephony.message({
			direction: 'out',
			extension: '103',
			remote,
			text: 'Hi',
			status: 'failed',
		});
		const common = {
			extension_id: String(bench.phones[2].id),
			src_number: '12025550100',
			dst_number: remote,
			text: 'Hi',
		};
		expect(bodies()).toEqual([
			{ ...common, extension_name: '1844*103@sip.example.test' },
			{ ...common, extension_name: '1844*103', status: 'failed' },
		]);
	});

	it('by voice are kept and told', async () => {
		const row = await bench.telephony.voicemail({ from: '+12025550177', extension: '104' });
		expect(bench.store.voicemails.list()).toEqual([row]);
		expect(row).toMatchObject({ extension_id: bench.phones[3].id, duration: 12 });
		expect(bodies()).toEqual([
			expect.objectContaining({
				EventType: 'voicemail',
				CallerIDNum: '+12025550177',
				CalledExtensionID: String(bench.phones[3].id),
				RecID: row.record_uuid.toLowerCase(),
			}),
		]);
	});
});

describe('a call status', () => {
	it('is told under its other name', async () => {
		register(bench, receiver.url, ['extension-call-status']);
		await bench.telephony.callStatusChanged({ extension: '101', to: 11 });
		expect(bodies()).toEqual([
			{
				event_type: 'call-status-change',
				extension_id: String(bench.phones[0].id),
				extension_name: '1844*101',
				client_id: '4321',
				old_status_id: '',
				new_status_id: '11',
				change_dt: '2026-01-15 09:00:00',
			},
		]);
	});
});

describe('agents', () => {
	const common = {
		status: 'logged_out' as const,
		agent_sound_id: null,
		busy_delay_time: 10,
		no_answer_delay_time: 10,
		call_timeout: 60,
		wrap_up_time: 0,
		reject_delay_time: 10,
		extra_params: null,
	};
	const set = async (agent: Agent, status: Agent['status'], source = 'api') => {
		bench.store.agents.update(agent.id, { status });
		await bench.telephony.agentStatusChanged(agent, source);
	};
	const add = (agent: Agent, types: Array<'agent-login' | 'agent-logout'>) => {
		for (const event_type of types) {
			bench.store.agentEvents.insert({
				agent_id: agent.id,
				url: receiver.url,
				method: 'POST',
				event_type,
			});
		}
	};

	it('log in and out, told only when the status really changes', async () => {
		const before = bench.store.agents.insert({
			...common,
			name: 'Local',
			agent_type: 'local',
			extension_id: bench.phones[0].id,
		});
		bench.telephony.start();
		// One who is there from the start and one who comes later.
		const after = bench.store.agents.insert({
			...common,
			name: 'Remote',
			status: 'available',
			agent_type: 'remote',
			number: '+12025550166',
		});
		add(before, ['agent-login', 'agent-logout']);
		add(after, ['agent-logout']);
		await set(before, 'logged_out');
		await set(after, 'available');
		expect(bodies()).toEqual([]);
		await set(before, 'available');
		await set(before, 'available');
		await set(before, 'logged_out', 'phone');
		await set(after, 'logged_out');
		await set(after, 'available');
		const local = { agent_id: String(before.id), agent_type: 'local', extension_name: '1844*101' };
		expect(bodies()).toEqual([
			{ ...local, agent_status: 'available', event_source: 'api' },
			{ ...local, agent_status: 'logged_out', event_source: 'phone' },
			{
				agent_id: String(after.id),
				agent_type: 'remote',
				agent_number: '+12025550166',
				agent_status: 'logged_out',
				event_source: 'api',
			},
		]);
	});
});
