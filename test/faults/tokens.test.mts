/** Tokens with many items in flight: fetched once, renewed once, and given up once. */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken, oAuth2 } from '../harness/pbx.mts';
import { useBench } from './support/bench.mts';
import { createGroup, groupsOf, names, type Options } from './support/groups.mts';

const bench = useBench({ latencyMs: 5 });

const COUNT = 30;
const TOKEN: FaultInput['match'] = { path: '/oauth/token' };
const requests = () => bench.sandbox.journal.api();
const tokens = () => bench.sandbox.journal.find('POST', '/oauth/token');
const { added } = groupsOf(bench);

const create = async (
	credential: ICredentialDataDecryptedObject = oAuth2(bench.sandbox),
	options: Options = {},
) => {
	const isOAuth2 = 'clientId' in credential;
	return await bench.run(
		{ authentication: isOAuth2 ? 'oAuth2' : 'accessToken', ...createGroup },
		{
			json: names(COUNT),
			credentials: { [isOAuth2 ? 'ringMeOAuth2Api' : 'ringMeApi']: credential },
			...options,
		},
	);
};
const goOn = { onError: 'continueRegularOutput' as const };

it('the first token of a new credential is fetched once', async () => {
	const { items } = await create();
	expect(items).toHaveLength(COUNT);
	expect(tokens()).toHaveLength(1);
	expect(bench.sandbox.journal.maxInFlight).toBe(5);
});

it('a token that dies under way is renewed once, and nothing is done twice', async () => {
	bench.sandbox.faults.add({ kind: 'tokenDeath', after: 9 });
	const { items } = await create();
	expect(items).toHaveLength(COUNT);
	expect(added()).toHaveLength(COUNT);
	expect(tokens()).toHaveLength(2);
	const refused = requests().filter(({ status }) => status === 401);
	expect(refused.length).toBeLessThanOrEqual(5);
	expect(requests()).toHaveLength(COUNT + refused.length);
});

it('a stored token that is dead is renewed once', async () => {
	const oauthTokenData = { access_token: 'long-dead-token', token_type: 'Bearer' };
	const { items } = await create({ ...oAuth2(bench.sandbox), oauthTokenData });
	expect(items).toHaveLength(COUNT);
	expect(tokens()).toHaveLength(1);
});

it.each([
	['OAuth2', () => oAuth2(bench.sandbox)],
	['access token', () => ({ ...accessToken(bench.sandbox), accessToken: 'long-dead-token' })],
])('a token that is never accepted ends the run at once (%s)', async (_, credential) => {
	bench.sandbox.faults.add({
		kind: 'status',
		status: 401,
		times: Infinity,
		match: { path: '/api/' },
	});
	const stopped = await create(credential());
	expect(stopped.error?.message).toBe('The PBX does not accept the token');
	expect(stopped.error).toMatchObject({ httpCode: '401' });
	expect(requests().length).toBeLessThanOrEqual(10);
	bench.sandbox.journal.clear();

	const { json } = await create(credential(), goOn);
	expect(json).toHaveLength(COUNT);
	expect(new Set(json.map(({ error }) => error))).toEqual(
		new Set(['The PBX does not accept the token']),
	);
	expect(requests().length).toBeLessThanOrEqual(10);
	// Each token that was fetched was tried, so none was fetched for the same failure twice.
	const tried = new Set(requests().map(({ headers }) => headers.authorization));
	expect(tokens().length).toBeLessThanOrEqual(tried.size);
});

it('a wrong secret is told, and asked about once', async () => {
	const wrong = { ...oAuth2(bench.sandbox), clientSecret: 'not-the-secret' };
	const { json } = await create(wrong, goOn);
	expect(json).toHaveLength(COUNT);
	expect(String(json[0].error)).toMatch(/^The PBX gave no token/);
	expect(String(json[0].message)).toContain("'Client ID' and 'Client Secret'");
	expect(JSON.stringify(json)).not.toContain('not-the-secret');
	expect(requests()).toEqual([]);
	expect(tokens()).toHaveLength(1);
});

it.each([
	['cannot be reached', { kind: 'dropBefore' }],
	['is lost', { kind: 'dropAfter' }],
	['is overloaded', { kind: 'status', status: 503, retryAfter: 0 }],
	['fails', { kind: 'status', status: 502, body: '<h1>Bad</h1>', contentType: 'text/html' }],
	['is limited', { kind: 'status', status: 429, body: {} }],
] as Array<[string, FaultInput]>)(
	'a request for a token that %s is repeated, whatever it is for',
	async (_, fault) => {
		bench.sandbox.faults.add({ ...fault, match: TOKEN });
		const { items, error } = await create();
		expect(error).toBeUndefined();
		expect(items).toHaveLength(COUNT);
		expect(added()).toHaveLength(COUNT);
		expect(tokens()).toHaveLength(2);
	},
);

it('a token service that stays away is told, and nothing was done', async () => {
	bench.sandbox.faults.add({ kind: 'dropBefore', match: TOKEN, times: Infinity });
	const { error } = await create();
	expect(error?.message).toMatch(/gave no (token|answer)/);
	expect(error?.description).not.toContain('unknown');
	expect(requests()).toEqual([]);
});

it('Add Tasks renews the token between two batches', async () => {
	bench.sandbox.faults.add({
		kind: 'tokenDeath',
		match: { method: 'POST', path: '/tasks/' },
		after: 2,
	});
	const { items } = await bench.run(
		{
			authentication: 'oAuth2',
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			taskSchedulerTaskOptions: { batchSize: 2 },
		},
		{
			json: Array.from({ length: 10 }, (_, item) => ({ a_number: `+4420794600${10 + item}` })),
			credentials: { ringMeOAuth2Api: oAuth2(bench.sandbox) },
		},
	);
	expect(new Set(items.map(({ json }) => json.a_number)).size).toBe(10);
	expect(tokens()).toHaveLength(2);
});
