import { formatUtc } from '../state/time.mts';
import { badRequest, notFound } from '../http/errors.mts';
import type { ExtensionEvent } from '../state/types.mts';
import { assertUrl } from './checks.mts';
import { collection, countWebhooks } from './collection.mts';
import type { Context, Handlers } from './context.mts';
import { DEFAULT_PER_PAGE } from './list.mts';

const registrationsOf = ({ store, params }: Context) =>
	store.registrations.filter(({ extension_id }) => extension_id === Number(params.extension_id));

/** @throws PbxError 404 if the extension has no such message */
function findMessage({ store, params }: Context) {
	const message = store.messages.get(String(params.message_id));
	if (message?.extension_id !== Number(params.extension_id)) throw notFound();
	return message;
}

const IVR_EVENTS = ['dial-in', 'hangup'];

const events = collection<ExtensionEvent>({
	operations: {
		list: 'listExtensionEvents',
		create: 'createExtensionEvent',
		remove: 'deleteExtensionEvent',
	},
	table: (store) => store.extensionEvents,
	idParameter: 'event_id',
	includes: (row, { params }) => row.extension_id === Number(params.extension_id),
	limit: 'event_limit',
	countForLimit: countWebhooks,
	validate(body, { store, params }) {
		assertUrl(body, 'url');
		const isIvr = store.extensions.get(Number(params.extension_id))?.type === 'ivr';
		if (isIvr && !IVR_EVENTS.includes(String(body.event_type))) {
			throw badRequest(`event_type ${String(body.event_type)} is not allowed for ivr-type`);
		}
	},
	toRow: (body, { params }) =>
		({ ...body, extension_id: Number(params.extension_id) }) as unknown as Omit<
			ExtensionEvent,
			'id'
		>,
});

/** Registered devices, text messages and webhooks of extensions. */
export const devices: Handlers = {
	...events,
	getRegistrations(context) {
		const now = context.pbx.clock.now();
		const rows = registrationsOf(context);
		return {
			extension_id: Number(context.params.extension_id),
			registered: rows.some(({ expires_at }) => expires_at > now),
			registrations: rows.map((row) => ({
				...row,
				expires: context.pbx.deviates('registrationDates')
					? formatUtc(row.expires_at)
					: Math.max(0, Math.round((row.expires_at - now) / 1000)),
			})),
		};
	},
	deleteRegistrations(context) {
		for (const { registration_id } of registrationsOf(context)) {
			context.store.registrations.delete(registration_id);
		}
	},
	deleteRegistration(context) {
		const id = String(context.params.registration_id);
		const isOwn = registrationsOf(context).some(({ registration_id }) => registration_id === id);
		if (!isOwn) throw notFound();
		context.store.registrations.delete(id);
	},
	listMessages(context) {
		const { pbx, store, params, query } = context;
		const rows = store.messages
			.filter(({ extension_id }) => extension_id === Number(params.extension_id))
			.sort((a, b) => a.init_time_gmt.localeCompare(b.init_time_gmt));
		if (pbx.deviates('unpagedMessages')) return rows;
		if (query.order === 'desc') rows.reverse();
		const page = (query.page as number | undefined) ?? 1;
		return rows.slice((page - 1) * DEFAULT_PER_PAGE, page * DEFAULT_PER_PAGE);
	},
	getMessage: findMessage,
	deleteMessage(context) {
		context.store.messages.delete(findMessage(context).id);
	},
};
