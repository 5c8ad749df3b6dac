import type { Store } from '../state/store.mts';
import type { Agent, AgentStatus } from '../state/types.mts';
import { agentEvent } from './events.mts';
import type { EventPublisher } from './publisher.mts';

/** Remembers the status of each agent, so that webhooks are called only when it really changes. */
export class AgentMonitor {
	private readonly statuses = new Map<number, AgentStatus>();
	private unwatch = () => {};

	constructor(
		private readonly store: Store,
		private readonly publisher: EventPublisher,
	) {}

	start(): void {
		for (const agent of this.store.agents.values()) this.statuses.set(agent.id, agent.status);
		this.unwatch = this.store.agents.watch(({ kind, row }) => {
			if (kind === 'insert') this.statuses.set(row.id, row.status);
			if (kind === 'delete') this.statuses.delete(row.id);
		});
	}

	stop(): void {
		this.unwatch();
		this.statuses.clear();
	}

	/** Calls the agent's webhooks if its status differs from the remembered one. */
	async statusChanged(agent: Agent, source: string): Promise<void> {
		if (this.statuses.get(agent.id) === agent.status) return;
		this.statuses.set(agent.id, agent.status);
		const event = agent.status === 'available' ? 'agent-login' : 'agent-logout';
		const extension =
			agent.agent_type === 'local' ? this.store.extensions.get(agent.extension_id) : undefined;
		const fields = agentEvent(agent, extension, source);
		const webhooks = [...this.store.agentEvents.findByIndex(agent.id)].filter(
			({ event_type }) => event_type === event,
		);
		await Promise.all(
			webhooks.map(
				async ({ url, method }) =>
					await this.publisher.send({
						event,
						orderingKey: `agent-${agent.id}`,
						url,
						method,
						fields,
					}),
			),
		);
	}
}
