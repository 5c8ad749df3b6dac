import type { Agent } from '../../sandbox/state/types.mts';
import { registerWebhooks, setupTelephony } from './support/telephonyFixture.mts';

const pbx = setupTelephony();

/** The fields of the received events. */
const events = () => pbx.receiver.requests.map(({ body }) => body);

describe('webhooks of an extension', () => {
	it('get the events of this extension only', async () => {
		const [, second] = pbx.phones;
		pbx.store.extensionEvents.insert({
			extension_id: second.id,
			event_type: 'dial-in',
			method: 'POST',
			url: pbx.receiver.url,
		});
		pbx.telephony.start();
		for (const extension of ['101', '102']) {
			await pbx.telephony.incomingCall({ from: '+12025550177', to: extension });
		}
		expect(events()).toEqual([
			expect.objectContaining({ EventType: 'dial-in', CalledExtensionID: String(second.id) }),
		]);
	});
});

describe('messages', () => {
	beforeEach(() => {
		registerWebhooks(pbx, pbx.receiver.url, [
			'message-in',
			'message-out',
			'message-out-status',
			'voicemail',
		]);
		pbx.telephony.start();
	});

	it('reports an inbound message to the extension of the DID with lower-case field names', async () => {
		await pbx.telephony.message({ remote: '+12025550177', text: 'Hi & bye' });
		expect(events()).toEqual([
			{
				extension_name: '1844*102@sip.example.test',
				extension_id: String(pbx.phones[1].id),
				did_number: '12025550100',
				src_number: '+12025550177',
				text: 'Hi & bye',
			},
		]);
	});

	it('reports an outbound message, followed by its status', async () => {
		const remote = '+12025550177';
		await pbx.telephony.message({
			direction: 'out',
			extension: '103',
			remote,
			text: 'Hi',
			status: 'failed',
		});
		const common = {
			extension_id: String(pbx.phones[2].id),
			src_number: '12025550100',
			dst_number: remote,
			text: 'Hi',
		};
		expect(events()).toEqual([
			{ ...common, extension_name: '1844*103@sip.example.test' },
			{ ...common, extension_name: '1844*103', status: 'failed' },
		]);
	});

	it('stores and reports a voicemail', async () => {
		const row = await pbx.telephony.voicemail({ from: '+12025550177', extension: '104' });
		expect(pbx.store.voicemails.list()).toEqual([row]);
		expect(row).toMatchObject({ extension_id: pbx.phones[3].id, duration: 12 });
		expect(events()).toEqual([
			expect.objectContaining({
				EventType: 'voicemail',
				CallerIDNum: '+12025550177',
				CalledExtensionID: String(pbx.phones[3].id),
				RecID: row.record_uuid.toLowerCase(),
			}),
		]);
	});
});

describe('a call status', () => {
	it('reports a change of the call status as call-status-change', async () => {
		registerWebhooks(pbx, pbx.receiver.url, ['extension-call-status']);
		await pbx.telephony.callStatusChanged({ extension: '101', to: 11 });
		expect(events()).toEqual([
			{
				event_type: 'call-status-change',
				extension_id: String(pbx.phones[0].id),
				extension_name: '1844*101',
				client_id: '4321',
				old_status_id: 'None',
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
	const setStatus = async (agent: Agent, status: Agent['status'], source = 'api') => {
		pbx.store.agents.update(agent.id, { status });
		await pbx.telephony.agentStatusChanged(agent, source);
	};
	const addWebhooks = (agent: Agent, types: Array<'agent-login' | 'agent-logout'>) => {
		for (const event_type of types) {
			pbx.store.agentEvents.insert({
				agent_id: agent.id,
				url: pbx.receiver.url,
				method: 'POST',
				event_type,
			});
		}
	};

	it('reports logins and logouts of agents only when their status really changes', async () => {
		const existing = pbx.store.agents.insert({
			...common,
			name: 'Local',
			agent_type: 'local',
			extension_id: pbx.phones[0].id,
		});
		pbx.telephony.start();
		// One agent exists when the telephony starts, the other one is added later.
		const added = pbx.store.agents.insert({
			...common,
			name: 'Remote',
			status: 'available',
			agent_type: 'remote',
			number: '+12025550166',
		});
		addWebhooks(existing, ['agent-login', 'agent-logout']);
		addWebhooks(added, ['agent-logout']);
		await setStatus(existing, 'logged_out');
		await setStatus(added, 'available');
		expect(events()).toEqual([]);
		await setStatus(existing, 'available');
		await setStatus(existing, 'available');
		await setStatus(existing, 'logged_out', 'phone');
		await setStatus(added, 'logged_out');
		await setStatus(added, 'available');
		const local = {
			agent_id: String(existing.id),
			agent_type: 'local',
			extension_name: '1844*101',
		};
		expect(events()).toEqual([
			{ ...local, agent_status: 'available', event_source: 'api' },
			{ ...local, agent_status: 'logged_out', event_source: 'phone' },
			{
				agent_id: String(added.id),
				agent_type: 'remote',
				agent_number: '+12025550166',
				agent_status: 'logged_out',
				event_source: 'api',
			},
		]);
	});
});
