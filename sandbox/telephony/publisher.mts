import type { Store } from '../state/store.mts';
import type { Clock } from './clock.mts';
import type { Deliverer, Delivery, DeliveryRequest, Fields } from './delivery.mts';

/** Sends events to the webhooks that are registered for them. */
export class EventPublisher {
	private tracking = false;

	constructor(
		private readonly store: Store,
		private readonly clock: Clock,
		private readonly deliverer: Deliverer,
	) {}

	/**
	 * Sends an event of an extension to the webhooks of its type: those of all phones and those of the
	 * extension. `fields` is called only if there is one.
	 */
	publish(
		event: string,
		extensionId: number,
		orderingKey: string,
		fields: () => Fields,
	): Array<Promise<Delivery>> {
		const webhooks = [
			...this.store.phoneEvents.list(),
			...this.store.extensionEvents.findByIndex(extensionId),
		].filter(({ event_type }) => event_type === event);
		if (webhooks.length === 0) return [];
		const values = fields();
		return webhooks.map(
			async ({ url, method }) =>
				await this.send({ event, orderingKey, url, method, fields: values }),
		);
	}

	/** Sends an event to one webhook. The clock does not move on before the delivery has ended. */
	async send(request: DeliveryRequest): Promise<Delivery> {
		const delivery = this.deliverer.send(request);
		if (!this.tracking) {
			this.tracking = true;
			this.clock.track(this.deliverer.idle().then(() => void (this.tracking = false)));
		}
		return await delivery;
	}
}
