import { notFound } from '../http/errors.mts';
import type { Context, Handlers } from './context.mts';

const registrationsOf = ({ store, params }: Context) =>
	store.registrations.filter(({ extension_id }) => extension_id === Number(params.extension_id));

/** @throws PbxError 404 if the extension has no such message */
function findMessage({ store, params }: Context) {
	const message = store.messages.get(String(params.message_id));
	if (message?.extension_id !== Number(params.extension_id)) throw notFound();
	return message;
}

/** Registered devices and text messages of extensions. */
export const devices: Handlers = {
	getRegistrations(context) {
		const now = context.pbx.clock.now();
		const rows = registrationsOf(context);
		return {
			extension_id: Number(context.params.extension_id),
			registered: rows.some(({ expires_at }) => expires_at > now),
			registrations: rows.map((row) => ({
				...row,
				expires: Math.max(0, Math.round((row.expires_at - now) / 1000)),
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
	listMessages: ({ store, params }) =>
		store.messages.filter(({ extension_id }) => extension_id === Number(params.extension_id)),
	getMessage: findMessage,
	deleteMessage(context) {
		context.store.messages.delete(findMessage(context).id);
	},
};
