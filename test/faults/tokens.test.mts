/** Tokens with many items in flight: fetched once, renewed once, and given up once. */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken, oAuth2, setupFixture } from '../harness/fixture.mts';
import {
	createGroup,
	extensionGroups,
	groupItems,
	type Options,
} from './support/extensionGroups.mts';
import { errorText, OUTCOME_UNKNOWN } from './support/outcomes.mts';

const ITEM_COUNT = 30;
/** Five requests in flight, each of which is sent again once with a new token. */
const MAX_REJECTED_REQUESTS = 10;

const fixture = setupFixture();

const groups = extensionGroups(fixture);
const apiRequests = () => fixture.sandbox.journal.api();
const tokenRequests = () => fixture.sandbox.journal.find('POST', '/oauth/token');

/** The PBX holds the requests that are in flight together, after so many others. */
const holdFiveRequests = (after: number) =>
	fixture.sandbox.faults.add({ kind: 'hold', match: { path: '/api/' }, after, times: 5 });

async function createGroups(
	credential: ICredentialDataDecryptedObject = oAuth2(fixture.sandbox),
	options: Options = {},
) {
	const isOAuth2 = 'clientId' in credential;
	return await fixture.run(
		{ authentication: isOAuth2 ? 'oAuth2' : 'accessToken', ...createGroup },
		{
			json: groupItems(ITEM_COUNT),
			credentials: { [isOAuth2 ? 'ringMeOAuth2Api' : 'ringMeApi']: credential },
			...options,
		},
	);
}

it('fetches the first token of a new credential once', async () => {
	// The second request waits for the first one to show that the token is accepted.
	const hold = holdFiveRequests(1);
	const running = createGroups();
	await hold.held(5);
	await hold.release();
	expect((await running).items).toHaveLength(ITEM_COUNT);
	expect(tokenRequests()).toHaveLength(1);
	expect(fixture.sandbox.journal.maxInFlight).toBe(5);
});

it('renews a token that expires during the run once, and executes nothing twice', async () => {
	const hold = holdFiveRequests(5);
	const running = createGroups();
	await hold.held(5);
	fixture.sandbox.oauth.revokeAll();
	await hold.release();
	expect((await running).items).toHaveLength(ITEM_COUNT);
	expect(groups.existing()).toHaveLength(ITEM_COUNT);
	expect(tokenRequests()).toHaveLength(2);
	const rejected = apiRequests().filter(({ status }) => status === 401);
	expect(rejected).toHaveLength(5);
	expect(apiRequests()).toHaveLength(ITEM_COUNT + 5);
});

it('renews a stored token that has expired once', async () => {
	const oauthTokenData = { access_token: 'long-dead-token', token_type: 'Bearer' };
	const { items } = await createGroups({ ...oAuth2(fixture.sandbox), oauthTokenData });
	expect(items).toHaveLength(ITEM_COUNT);
	expect(tokenRequests()).toHaveLength(1);
});

it.each([
	['OAuth2', () => oAuth2(fixture.sandbox)],
	['an access token', () => ({ ...accessToken(fixture.sandbox), accessToken: 'long-dead-token' })],
])(
	'sends only a few requests when the PBX never accepts the token of %s',
	async (_, credential) => {
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 401,
			times: Infinity,
			match: { path: '/api/' },
		});
		const stopped = await createGroups(credential());
		expect(stopped.error).toMatchObject({ httpCode: '401' });
		expect(apiRequests().length).toBeLessThanOrEqual(MAX_REJECTED_REQUESTS);
		fixture.sandbox.journal.clear();

		const { json } = await createGroups(credential(), { onError: 'continueRegularOutput' });
		expect(json).toHaveLength(ITEM_COUNT);
		expect(new Set(json.map(({ error }) => error))).toEqual(new Set([stopped.error?.message]));
		expect(apiRequests().length).toBeLessThanOrEqual(MAX_REJECTED_REQUESTS);
		// Each token that was fetched was used, so none was fetched for the same failure twice.
		const usedTokens = new Set(apiRequests().map(({ headers }) => headers.authorization));
		expect(tokenRequests().length).toBeLessThanOrEqual(usedTokens.size);
	},
);

it('requests a token once when the client secret is wrong, and says what to check', async () => {
	const credential = { ...oAuth2(fixture.sandbox), clientSecret: 'not-the-secret' };
	const { json } = await createGroups(credential, { onError: 'continueRegularOutput' });
	expect(json).toHaveLength(ITEM_COUNT);
	for (const { error, message } of json) {
		expect(error).toBe(json[0].error);
		expect(message).toContain("'Client ID' and 'Client Secret'");
	}
	expect(JSON.stringify(json)).not.toContain('not-the-secret');
	expect(apiRequests()).toEqual([]);
	expect(tokenRequests()).toHaveLength(1);
});

it.each([
	['cannot be reached', { kind: 'dropBefore' }],
	['is lost', { kind: 'dropAfter' }],
	['is overloaded', { kind: 'status', status: 503, retryAfter: 0 }],
	['fails', { kind: 'status', status: 502, body: '<h1>Bad</h1>', contentType: 'text/html' }],
	['is limited', { kind: 'status', status: 429, body: {} }],
] as Array<[string, FaultInput]>)(
	'repeats a request for a token that %s, even if the token is for a POST',
	async (_, fault) => {
		fixture.sandbox.faults.add({ ...fault, match: { path: '/oauth/token' } });
		const { items, error } = await createGroups();
		expect(error).toBeUndefined();
		expect(items).toHaveLength(ITEM_COUNT);
		expect(groups.existing()).toHaveLength(ITEM_COUNT);
		expect(tokenRequests()).toHaveLength(2);
	},
);

it('fails with a known outcome when the token service does not respond', async () => {
	fixture.sandbox.faults.add({
		kind: 'dropBefore',
		match: { path: '/oauth/token' },
		times: Infinity,
	});
	const result = await createGroups();
	expect(result.error?.context?.items).toHaveProperty('failed');
	expect(result.error?.context?.items).not.toHaveProperty('unknown');
	expect(errorText(result)).not.toMatch(OUTCOME_UNKNOWN);
	expect(apiRequests()).toEqual([]);
});

it('renews the token between two batches of Add Tasks', async () => {
	fixture.sandbox.faults.add({
		kind: 'tokenDeath',
		match: { method: 'POST', path: '/tasks/' },
		after: 2,
	});
	const { items } = await fixture.run(
		{
			authentication: 'oAuth2',
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			options: { batchSize: 2 },
		},
		{
			json: Array.from({ length: 10 }, (_, item) => ({ a_number: `+4420794600${10 + item}` })),
			credentials: { ringMeOAuth2Api: oAuth2(fixture.sandbox) },
		},
	);
	expect(new Set(items.map(({ json }) => json.a_number)).size).toBe(10);
	expect(tokenRequests()).toHaveLength(2);
});
