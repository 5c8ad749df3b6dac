import type { Row } from '../api.mts';
import { UNKNOWN_ID, client, fieldsOf } from '../api.mts';
import type { PbxResponse } from '../connection.mts';
import type { PbxContext } from '../context.mts';
import { shapeOf } from '../describe.mts';
import { NotAnswerable } from '../errors.mts';
import type { KindName } from '../ownRecords.mts';
import { confirmed, refuted, verdictOf, type Probe } from '../probe.mts';

// Questions that create records, with `--write`. What a probe creates is used by nothing, so no call is
// affected and no phone rings. The run deletes all of it at its end.

/** An interval that is open in one minute of the past. */
const INTERVAL: Row = {
	timezone: 'UTC',
	conditions: [{ start_datetime: '2020-01-01 00:00:00', end_datetime: '2020-01-01 00:01:00' }],
};

/** The rarest event. Its URL belongs to no host, and the webhook exists for a moment only. */
const WEBHOOK: Row = { method: 'POST', event_type: 'voicemail' };

/** Networks for documentation (RFC 5737), in a group that nothing uses. */
const NETWORKS = ['192.0.2.1', '198.51.100.0/24'];

const DENIED = 'app_access_type_deny';

/** Whether the application may not change settings: its access level is "Call API". */
const isDenied = ({ status, json }: PbxResponse) =>
	status === 403 && fieldsOf(json).status === DENIED;

/** Creates a record that a question needs. @returns its ID @throws NotAnswerable */
async function createOwn(
	pbx: PbxContext,
	kind: KindName,
	fields: Row,
	asForm?: (fields: Row) => FormData,
): Promise<{ id: unknown; response: PbxResponse }> {
	const response = await pbx.own.create(kind, fields, asForm);
	pbx.requireAccess(response);
	const { id } = fieldsOf(pbx.require(response, `creating the ${kind}`).json);
	if (id === undefined) throw new NotAnswerable(`creating the ${kind}: no ID was returned.`);
	return { id, response };
}

/** A tenth of a second of silence: 8000 samples per second, 8 bits, one channel. */
function silentWav(): Uint8Array<ArrayBuffer> {
	const samples = Buffer.alloc(800, 128);
	const header = Buffer.alloc(44);
	header.write('RIFF', 0, 'latin1');
	header.writeUInt32LE(36 + samples.length, 4);
	header.write('WAVEfmt ', 8, 'latin1');
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(1, 20);
	header.writeUInt16LE(1, 22);
	header.writeUInt32LE(8000, 24);
	header.writeUInt32LE(8000, 28);
	header.writeUInt16LE(1, 32);
	header.writeUInt16LE(8, 34);
	header.write('data', 36, 'latin1');
	header.writeUInt32LE(samples.length, 40);
	return Buffer.concat([header, samples]);
}

function soundForm(fields: Row): FormData {
	const form = new FormData();
	for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
	form.set('file', new Blob([silentWav()], { type: 'audio/wav' }), 'probe.wav');
	return form;
}

/** Questions that create and delete records of the probe itself. */
export const changes: Probe[] = [
	{
		name: 'call-api-writes',
		assumption:
			'A "Call API" application may create and delete webhooks. Other changes give 403 with app_access_type_deny.',
		requests: 4,
		async ask(pbx) {
			await pbx.read('client/');
			const interval = await pbx.own.create('interval', INTERVAL);
			if (interval.status < 300) {
				throw new NotAnswerable('The application may change settings; its level seems to be All.');
			}
			if (fieldsOf(interval.json).status === 'user_access_type_deny') pbx.requireAccess(interval);
			if (!isDenied(interval)) return refuted(`an interval: ${pbx.describe(interval)}`);
			const created = await pbx.own.create('webhook', WEBHOOK);
			if (created.status >= 300) return refuted(`a webhook: ${pbx.describe(created)}`);
			const deleted = await pbx.own.remove('webhook', fieldsOf(created.json).id);
			return verdictOf(deleted.status < 300, () => `deleting it: ${pbx.describe(deleted)}`);
		},
	},
	{
		name: 'access-before-contract',
		assumption: 'The access level is checked before the contract.',
		requests: 1,
		async ask(pbx) {
			// It has no timezone and no conditions, so it would be refused in any case.
			const response = await pbx.own.create('interval', {});
			if (isDenied(response)) return confirmed;
			throw new NotAnswerable('The application may change settings; its level seems to be All.');
		},
	},
	{
		name: 'unknown-field',
		assumption: 'Unknown fields give 400.',
		requests: 1,
		async ask(pbx) {
			const response = await pbx.own.create('interval', { ...INTERVAL, probe_field: 1 });
			pbx.requireAccess(response);
			return verdictOf(response.status === 400, () => pbx.describe(response));
		},
	},
	{
		name: 'created-interval',
		assumption: 'An interval is returned with its conditions, which have no type.',
		requests: 2,
		async ask(pbx) {
			const { id } = await createOwn(pbx, 'interval', INTERVAL);
			const response = pbx.require(await pbx.get(pbx.own.path('interval', id)), 'the interval');
			const { conditions } = fieldsOf(response.json);
			if (!Array.isArray(conditions) || conditions.length !== 1) {
				return refuted(shapeOf(response.json));
			}
			const [condition] = conditions as unknown[];
			return verdictOf(!('type' in fieldsOf(condition)), () => shapeOf(condition));
		},
	},
	{
		name: 'wrong-method',
		assumption: 'A wrong method gives 404.',
		requests: 2,
		async ask(pbx) {
			const { id } = await createOwn(pbx, 'interval', INTERVAL);
			const response = await pbx.connection.request('PATCH', pbx.own.path('interval', id));
			return verdictOf(response.status === 404, () => pbx.describe(response));
		},
	},
	{
		name: 'unexpected-body',
		assumption: 'A body where none is expected gives 400, unless it is an empty object.',
		requests: 3,
		async ask(pbx) {
			const { id } = await createOwn(pbx, 'interval', INTERVAL);
			const path = pbx.own.path('interval', id);
			const refusal = await pbx.connection.request('DELETE', path, { json: { probe: 1 } });
			if (refusal.status !== 400) return refuted(`a body: ${pbx.describe(refusal)}`);
			const success = await pbx.connection.request('DELETE', path, { json: {} });
			return verdictOf(success.status < 300, () => `an empty object: ${pbx.describe(success)}`);
		},
	},
	{
		name: 'unknown-reference',
		assumption: 'An ID in the body that does not exist gives 400.',
		requests: 1,
		async ask(pbx) {
			const response = await pbx.own.create('agent', {
				extension_id: UNKNOWN_ID,
				status: 'logged_out',
			});
			pbx.requireAccess(response);
			return verdictOf(response.status === 400, () => pbx.describe(response));
		},
	},
	{
		name: 'network-addresses',
		assumption: 'Network permissions accept IPv4 addresses and networks.',
		requests: 1,
		async ask(pbx) {
			const response = await pbx.own.create('network permission', { network_address: NETWORKS });
			pbx.requireAccess(response);
			return verdictOf(response.status < 300, () => pbx.describe(response));
		},
	},
	{
		name: 'cleared-list',
		assumption: 'An update clears a list with an empty list.',
		requests: 3,
		async ask(pbx) {
			const { id } = await createOwn(pbx, 'network permission', { network_address: [NETWORKS[1]] });
			const path = pbx.own.path('network permission', id);
			const update = { json: { network_address: [] } };
			const updated = await pbx.connection.request('PUT', path, update);
			pbx.requireAccess(updated);
			if (updated.status >= 400 && updated.status < 500) return refuted(pbx.describe(updated));
			pbx.require(updated, 'the update');
			const { json } = pbx.require(await pbx.get(path), 'the network permission');
			const { network_address: addresses } = fieldsOf(json);
			const isCleared = Array.isArray(addresses) && addresses.length === 0;
			return verdictOf(isCleared, () => shapeOf(addresses));
		},
	},
	{
		name: 'replaced-sound',
		assumption: 'POST /sound/{id} gives 201.',
		requests: 2,
		async ask(pbx) {
			const { id } = await createOwn(pbx, 'sound', {}, soundForm);
			const form = soundForm({});
			const response = await pbx.connection.request('POST', client(`sound/${String(id)}`), {
				form,
			});
			return verdictOf(response.status === 201, () => pbx.describe(response));
		},
	},
	{
		name: 'duplicate-webhook',
		assumption: 'A URL can be registered twice for an event type.',
		requests: 2,
		async ask(pbx) {
			const { id } = await createOwn(pbx, 'webhook', WEBHOOK);
			const second = pbx.requireAccess(await pbx.own.create('webhook', WEBHOOK));
			const isSecond = second.status < 300 && fieldsOf(second.json).id !== id;
			return verdictOf(isSecond, () => pbx.describe(second));
		},
	},
	{
		name: 'unlisted-events',
		assumption: 'The events extension-call-status and message-out-status cannot be registered.',
		requests: 2,
		async ask(pbx) {
			for (const event_type of ['extension-call-status', 'message-out-status']) {
				const response = await pbx.own.create('webhook', { ...WEBHOOK, event_type });
				pbx.requireAccess(response);
				if (response.status !== 400) return refuted(`${event_type}: ${pbx.describe(response)}`);
			}
			return confirmed;
		},
	},
];
