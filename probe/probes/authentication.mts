import { randomBytes } from 'node:crypto';
import { client, fieldsOf } from '../api.mts';
import { DATE_FORMAT, parseUtc } from '../dates.mts';
import { formOf } from '../describe.mts';
import { NotAnswerable } from '../errors.mts';
import { confirmed, refuted, verdictOf, type Probe } from '../probe.mts';

/** Tolerance for clocks and the duration of requests. */
const TOLERANCE_MS = 300_000;
const HOUR_MS = 3_600_000;

const random = () => randomBytes(16).toString('hex');

/** Tokens, sessions and access levels. */
export const authentication: Probe[] = [
	{
		name: 'wrong-secret',
		assumption: 'A wrong application ID or secret gives 400 with the error invalid_client.',
		requests: 2,
		async ask(pbx) {
			const { applicationId } = pbx.connection.options;
			for (const id of [random(), applicationId]) {
				const response = await pbx.connection.requestToken(
					new URLSearchParams({
						grant_type: 'client_credentials',
						client_id: id,
						client_secret: random(),
					}),
				);
				const isExpected =
					response.status === 400 && fieldsOf(response.json).error === 'invalid_client';
				if (!isExpected) return refuted(pbx.describe(response));
			}
			return confirmed;
		},
	},
	{
		name: 'token-basic',
		assumption: 'The token endpoint refuses HTTP Basic with 400.',
		requests: 1,
		async ask(pbx) {
			const { applicationId, secret } = pbx.connection.options;
			const basic = Buffer.from(`${applicationId}:${secret}`).toString('base64');
			const response = await pbx.connection.requestToken(
				new URLSearchParams({ grant_type: 'client_credentials' }),
				{ authorization: `Basic ${basic}` },
			);
			return verdictOf(response.status === 400, () => pbx.describe(response));
		},
	},
	{
		name: 'token-multipart',
		assumption: 'The token endpoint accepts a multipart body.',
		requests: 1,
		async ask(pbx) {
			const { applicationId, secret } = pbx.connection.options;
			const form = new FormData();
			form.set('grant_type', 'client_credentials');
			form.set('client_id', applicationId);
			form.set('client_secret', secret);
			const response = await pbx.connection.requestToken(form);
			const isIssued = typeof fieldsOf(response.json).access_token === 'string';
			return verdictOf(response.status === 200 && isIssued, () => pbx.describe(response));
		},
	},
	{
		name: 'unknown-scope',
		assumption: 'A scope other than "all" gives 400 with the error invalid_scope.',
		requests: 1,
		async ask(pbx) {
			const { applicationId, secret } = pbx.connection.options;
			const response = await pbx.connection.requestToken(
				new URLSearchParams({
					grant_type: 'client_credentials',
					client_id: applicationId,
					client_secret: secret,
					scope: 'probe',
				}),
			);
			const isExpected =
				response.status === 400 && fieldsOf(response.json).error === 'invalid_scope';
			return verdictOf(isExpected, () => pbx.describe(response));
		},
	},
	{
		name: 'unauthorized-body',
		assumption: 'The body of a 401 is {"message":"Unauthorized","status":"401"}.',
		requests: 2,
		async ask(pbx) {
			const response = await pbx.get('/user/', { token: random() });
			const { message, status } = fieldsOf(response.json);
			return verdictOf(
				response.status === 401 && message === 'Unauthorized' && status === '401',
				() => pbx.describe(response),
			);
		},
	},
	{
		name: 'session-expires',
		assumption: 'The field "expires" of a session is YYYY-MM-DD HH:MM:SS in UTC.',
		requests: 3,
		async ask(pbx) {
			const { tokenExpiresAt, options } = pbx.connection;
			if (tokenExpiresAt === undefined) throw new NotAnswerable('The token has no expires_in.');
			const sessions = await pbx.list('oauth/session/');
			const own = sessions.filter(({ app_id: id }) => String(id) === options.applicationId);
			if (own.length === 0) throw new NotAnswerable('The list has no session of the probe.');
			const dates = own.map(({ expires }) => String(expires));
			const other = dates.find((date) => !DATE_FORMAT.test(date));
			if (other !== undefined) return refuted(`the form ${formOf(other)}`);
			// Other sessions of the application may live longer.
			const [distance] = dates
				.map((date) => parseUtc(date) - tokenExpiresAt)
				.sort((x, y) => Math.abs(x) - Math.abs(y));
			const hours = Math.round((distance / HOUR_MS) * 4) / 4;
			return verdictOf(
				Math.abs(distance) < TOLERANCE_MS,
				() => `${hours} hours from the end of the token, taken as UTC`,
			);
		},
	},
	{
		name: 'lower-level-user',
		assumption: 'A user of an extension or a group gets 403 with access_denied at /client/…',
		requests: 4,
		async ask(pbx) {
			const user = fieldsOf(pbx.require(await pbx.get('/user/'), '/user/').json);
			const isLower = [user.extension_id, user.extension_group_id].some(
				(id) => id !== null && id !== undefined,
			);
			if (!isLower) throw new NotAnswerable('The user of the application is none of these.');
			const response = await pbx.getAny(client('client/'));
			return verdictOf(
				response.status === 403 && fieldsOf(response.json).status === 'access_denied',
				() => pbx.describe(response),
			);
		},
	},
	{
		name: 'user',
		assumption: 'GET /user/ works, and has a client_id for users of the client only.',
		requests: 2,
		async ask(pbx) {
			const response = await pbx.get('/user/');
			const user = fieldsOf(response.json);
			if (response.status !== 200 || !('client_id' in user)) return refuted(pbx.describe(response));
			const isSet = (id: unknown) => id !== null && id !== undefined;
			const isLower = isSet(user.extension_id) || isSet(user.extension_group_id);
			return verdictOf(isSet(user.client_id) !== isLower, () => pbx.describe(response));
		},
	},
];
