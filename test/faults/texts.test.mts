/**
 * The exact texts of errors: what happened, in the PBX's own words, and what to do. Other tests assert
 * on the structure of errors, so that a change of wording only concerns this file.
 */
import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken, byId, oAuth2, setupFixture } from '../harness/fixture.mts';
import { extensionGroups, type Options } from './support/extensionGroups.mts';
import { errorText } from './support/outcomes.mts';
import { httpResponse, RawServer } from './support/rawServer.mts';

const EXTENSION_ID = 77;

const fixture = setupFixture();
const groups = extensionGroups(fixture);

const addPermanentFault = (fault: FaultInput) =>
	fixture.sandbox.faults.add({ ...fault, times: Infinity });
const respondWith = (status: number, body: unknown, contentType?: string) =>
	addPermanentFault({ kind: 'status', status, body, contentType });

const getExtension = async (options: Options = {}) =>
	await fixture.run(
		{ resource: 'extension', operation: 'get', extensionId: byId(EXTENSION_ID) },
		options,
	);
const updateExtension = async () =>
	await fixture.run({
		resource: 'extension',
		operation: 'update',
		extensionId: byId(EXTENSION_ID),
		extensionUpdateFields: { label: 'x' },
	});

describe('the error of a response with an error status', () => {
	it.each([
		[
			401,
			undefined,
			'Unauthorized',
			'The PBX rejected the access token',
			"Open the credential: check 'Client ID' and 'Client Secret', or enter a new access token. Response of the PBX: Unauthorized. HTTP status 401.",
		],
		[
			403,
			'access_denied',
			'Access denied',
			'The PBX does not allow this request',
			'The user behind the credential has no permission for this. A user of an extension or extension group cannot use what belongs to the whole PBX client, for which @me stands by default; a user of an extension can use its own extension (@me) only. Use the credential of a user of the client, or ask the administrator of the PBX. Response of the PBX: Access denied. HTTP status 403.',
		],
		[
			403,
			'user_blocked',
			'User is blocked',
			'The PBX does not allow this request',
			'The user behind the credential, or its client, is blocked on the PBX. Response of the PBX: User is blocked. HTTP status 403.',
		],
		[
			403,
			'user_access_type_deny',
			'Denied',
			'The PBX does not allow this request',
			'The user behind the credential has read-only access. Use a user with full access. Response of the PBX: Denied. HTTP status 403.',
		],
		[
			403,
			'app_access_type_deny',
			'Denied',
			'The PBX does not allow this request',
			"The application is registered with the access level 'Call API'. An administrator of the PBX can register it with the access level 'All'. Response of the PBX: Denied. HTTP status 403.",
		],
		[
			403,
			'something_new',
			'Not on Sundays',
			'The PBX does not allow this request',
			'Response of the PBX: Not on Sundays. HTTP status 403.',
		],
		[
			404,
			undefined,
			'Not found',
			'The PBX has no extension 77',
			'Check the ID. It may not be there yet: a call and its recording can be read when the call is over. Or it was deleted. Response of the PBX: Not found. HTTP status 404.',
		],
		[
			404,
			'client_not_found',
			'Client not found',
			'Client not found',
			"The PBX has no such client. Check 'PBX Client' in the credential and in the settings of the node; @me is the client of the logged-in user. HTTP status 404.",
		],
		[
			400,
			undefined,
			'name: too long',
			'The PBX rejected the request: name: too long',
			'HTTP status 400.',
		],
		[409, undefined, 'In use', 'The PBX rejected the request: In use', 'HTTP status 409.'],
		[
			500,
			undefined,
			'Disk gone',
			'The PBX could not process the request: Disk gone',
			'Try again later. HTTP status 500.',
		],
		[
			501,
			undefined,
			'',
			'The PBX could not process the request (status 501)',
			'Try again later. HTTP status 501.',
		],
		[418, undefined, '', 'The PBX rejected the request (status 418)', 'HTTP status 418.'],
	])(
		'for status %i with code %s and message "%s"',
		async (status, code, pbxMessage, message, description) => {
			respondWith(status, { message: pbxMessage, status: code });
			const { error } = await getExtension();
			expect(error).toMatchObject({
				message,
				description,
				httpCode: String(status),
				context: { itemIndex: 0 },
			});
		},
	);

	it('for an exceeded rate limit says when requests work again', async () => {
		addPermanentFault({ kind: 'rateLimit', reset: 1234 });
		const before = Date.now();
		const { error } = await getExtension();
		const after = Date.now();
		expect(error?.message).toBe('The hourly rate limit of the PBX is exceeded');
		const description = error?.description ?? '';
		const pattern =
			/^All applications of this PBX client share it\. Requests work again at (\d\d:\d\d:\d\d) UTC, in 21 minutes\. /;
		expect(description).toMatch(pattern);
		expect(description).toMatch(/ HTTP status 429\.$/);
		const timeOfDay = (ms: number) => new Date(ms + 1_234_000).toISOString().slice(11, 19);
		const [, time] = pattern.exec(description) ?? [];
		const isWithin =
			timeOfDay(before) <= timeOfDay(after)
				? timeOfDay(before) <= time && time <= timeOfDay(after)
				: timeOfDay(before) <= time || time <= timeOfDay(after);
		expect(isWithin).toBe(true);
	});

	it('for a busy statistics service', async () => {
		addPermanentFault({ kind: 'statsBusy' });
		expect(errorText(await getExtension())).toBe(
			'The PBX is busy with another request of this kind / Try again in a minute. Response of the PBX: Stats request already exists, concurrent request not allowed. HTTP status 429.',
		);
	});

	it.each([
		[
			'HTML with a title',
			'<html><head><title>Bad\n gateway</title></head><h1>x</h1></html>',
			'text/html',
			'The PBX rejected the request: Bad gateway',
		],
		[
			'HTML without a title',
			'<!doctype html><h1 class="a">Oops</h1>',
			'text/html',
			'The PBX rejected the request: Oops',
		],
		['plain text', 'No more lines', 'text/plain', 'The PBX rejected the request: No more lines'],
		['empty', '', 'application/json', 'The PBX rejected the request (status 400)'],
		[
			'incomplete JSON',
			'{"message":"Cut o',
			'application/json',
			'The PBX rejected the request: {"message":"Cut o',
		],
		[
			'a JSON string',
			'"Just words"',
			'application/json',
			'The PBX rejected the request: Just words',
		],
		['null', 'null', 'application/json', 'The PBX rejected the request (status 400)'],
		[
			'a JSON list',
			'[{"name":["too long"]}]',
			'application/json',
			'The PBX rejected the request: [{"name":["too long"]}]',
		],
		[
			'a list of errors by field',
			'{"errors":{"name":["too long"]}}',
			'application/json',
			'The PBX rejected the request: {"errors":{"name":["too long"]}}',
		],
		[
			'an OAuth error',
			'{"error":"invalid_request","error_description":"No scope"}',
			'application/json',
			'The PBX rejected the request: No scope',
		],
		[
			'binary data',
			'\u0000\u0001\u0002',
			'application/octet-stream',
			'The PBX rejected the request: \u0000\u0001\u0002',
		],
	])('quotes a body that is %s', async (_, body, contentType, message) => {
		respondWith(400, body, contentType);
		expect((await getExtension()).error?.message).toBe(message);
	});

	it('quotes the body of a file download, which is a stream', async () => {
		respondWith(403, { message: 'Denied', status: 'access_denied' });
		const [{ record_uuid: uuid }] = fixture.sandbox.store.records.list();
		const result = await fixture.run({
			resource: 'recording',
			operation: 'download',
			recordUuid: byId(uuid),
		});
		expect(errorText(result)).toBe(
			'The PBX does not allow this request / The user behind the credential has no permission for this. A user of an extension or extension group cannot use what belongs to the whole PBX client, for which @me stands by default; a user of an extension can use its own extension (@me) only. Use the credential of a user of the client, or ask the administrator of the PBX. Response of the PBX: Denied. HTTP status 403.',
		);
	});

	it('shortens a long message of the PBX', async () => {
		respondWith(400, { message: 'long '.repeat(100_000) });
		const text = errorText(await getExtension());
		expect(text.length).toBeLessThan(1000);
		expect(text).toContain('long long');
	});

	it('is in the output item with Continue On Fail', async () => {
		respondWith(403, { message: 'Denied', status: 'app_access_type_deny' });
		const { items } = await groups.create(1, { onError: 'continueRegularOutput' });
		expect(items).toEqual([
			{
				json: {
					error: 'The PBX does not allow this request',
					message:
						"The application is registered with the access level 'Call API'. An administrator of the PBX can register it with the access level 'All'. Response of the PBX: Denied. HTTP status 403.",
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	it('names the item that it is about', async () => {
		const ids = fixture.sandbox.store.extensions.list().map(({ id }) => id);
		const { error } = await fixture.run(
			{ resource: 'extension', operation: 'get', extensionId: byId('={{ $json.id }}') },
			{ json: [ids[0], ids[1], 999_999, ids[2]].map((id) => ({ id })) },
		);
		expect(error?.message).toBe('The PBX has no extension 999999');
		expect(error?.context?.itemIndex).toBe(2);
	});

	it('has a summary of all items after its own text', async () => {
		respondWith(400, { message: 'No room' });
		expect(errorText(await groups.create(2))).toBe(
			'The PBX rejected the request: No room / HTTP status 400. Failed: items 0–1.',
		);
	});
});

describe('the error of a request without a usable response', () => {
	it('of a POST warns against repeating it', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter' });
		expect(errorText(await groups.create(1))).toBe(
			'The PBX gave no usable response, so it is unknown whether the request was executed / It was not sent again, because that could execute it twice. Check the PBX before you repeat it.',
		);
	});

	it('of a PUT says that it can be repeated', async () => {
		addPermanentFault({ kind: 'dropAfter', match: { method: 'PUT' } });
		expect(errorText(await updateExtension())).toBe(
			'The PBX gave no usable response, so it is unknown whether the request was executed / It is safe to repeat it: executing it twice changes nothing more.',
		);
	});

	it('of a GET says that it was retried', async () => {
		addPermanentFault({ kind: 'dropBefore' });
		expect(errorText(await getExtension())).toBe(
			'The PBX did not respond / The request was retried where that is safe. Try again later.',
		);
	});

	it('names the Base URL when no connection was possible', async () => {
		const stopped = await RawServer.open(() => {});
		const { url } = stopped;
		await stopped.close();
		const ringMeApi = { baseUrl: url, accessToken: 'x', client: '@me' };
		expect(errorText(await getExtension({ credentials: { ringMeApi } }))).toBe(
			"The PBX cannot be reached / Check the 'Base URL' of the credential, or try again later.",
		);
	});

	it('names the host of a redirect to another one', async () => {
		addPermanentFault({ kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' });
		expect(errorText(await getExtension())).toBe(
			"The PBX redirected the request to another host / The redirect was not followed, so that no other host gets the token. It leads to http://127.0.0.1:9. Check the 'Base URL' of the credential. HTTP status 302.",
		);
	});

	it('rejects a Base URL that is not https', async () => {
		const ringMeApi = { baseUrl: 'http://pbx.example', accessToken: 'x', client: '@me' };
		expect(errorText(await getExtension({ credentials: { ringMeApi } }))).toBe(
			"The 'Base URL' of the credential is not valid / Enter the HTTPS URL of the PBX without a path, for example https://apiproxy.telphin.ru (http is only for localhost).",
		);
	});

	it('names the login and password when those are rejected', async () => {
		respondWith(401, { message: 'Who?' });
		const [{ record_uuid: uuid }] = fixture.sandbox.store.records.list();
		const credential = { ...accessToken(fixture.sandbox), pbxLogin: 'ann', pbxPassword: 'secret' };
		const result = await fixture.run(
			{ resource: 'recording', operation: 'downloadBasicAuth', recordUuid: byId(uuid) },
			{ credentials: { ringMeApi: credential } },
		);
		expect(errorText(result)).toBe(
			"The PBX rejected the login and password / Open the credential and check 'PBX Login' and 'PBX Password'. Response of the PBX: Who? HTTP status 401.",
		);
	});

	it('names Client ID and Client Secret when the PBX issues no token', async () => {
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 400,
			body: { error: 'invalid_client' },
			match: { path: '/oauth/token' },
		});
		const result = await fixture.run(
			{
				authentication: 'oAuth2',
				resource: 'extension',
				operation: 'get',
				extensionId: byId(EXTENSION_ID),
			},
			{ credentials: { ringMeOAuth2Api: oAuth2(fixture.sandbox) } },
		);
		expect(errorText(result)).toBe(
			"The PBX issued no access token: invalid_client / Open the credential: check 'Client ID' and 'Client Secret' and the 'Base URL'. HTTP status 400.",
		);
	});

	it('says that a file is missing when the PBX returns text instead', async () => {
		const server = await RawServer.open((socket) => {
			socket.end(httpResponse(200, '{"message":"Not ready"}'));
		});
		const result = await fixture.run(
			{ resource: 'recording', operation: 'download', recordUuid: byId('5') },
			{ credentials: { ringMeApi: { baseUrl: server.url, accessToken: 'x', client: '@me' } } },
		);
		await server.close();
		expect(errorText(result)).toBe(
			'The PBX returned no file / It returned text instead. Check the ID, and that the file is ready: a recording can take some minutes after its call. Response of the PBX: Not ready. HTTP status 200.',
		);
	});
});

describe('the error of a list whose response has a success status', () => {
	it.each([
		['an HTML page', { kind: 'html200' }, 'The response is not JSON'],
		['empty', { kind: 'emptyBody' }, 'The response is empty'],
		['an object', { kind: 'wrongShape' }, 'The response has an unexpected structure'],
		[
			'incomplete JSON',
			{ kind: 'status', status: 200, body: '[{"id": 1}, {"i' },
			'The response is not JSON',
		],
		[
			'a number',
			{ kind: 'status', status: 200, body: '12' },
			'The response has an unexpected structure',
		],
	] as Array<[string, FaultInput, string]>)(
		'says what is wrong with a body that is %s',
		async (_, fault, reason) => {
			addPermanentFault(fault);
			const result = await fixture.run({ resource: 'extension', operation: 'getMany' });
			expect(errorText(result)).toBe(
				`The response does not come from the RingMe API / ${reason}. Check the 'Base URL' of the credential.`,
			);
			expect(result.json).toEqual([]);
		},
	);
});

describe('the error of a tool of an AI agent', () => {
	it.each([
		[
			{ kind: 'status', status: 400, body: { message: 'No room' } },
			'The PBX rejected the request: No room. HTTP status 400.',
		],
		[
			{ kind: 'dropAfter' },
			'The PBX gave no usable response, so it is unknown whether the request was executed. It was not sent again, because that could execute it twice. Check the PBX before you repeat it.',
		],
	] as Array<[FaultInput, string]>)(
		'has message and description in one text (%j)',
		async (fault, text) => {
			fixture.sandbox.faults.add(fault);
			const { error } = await fixture.engine.runAsTool({
				node: 'ringMe',
				parameters: {
					authentication: 'accessToken',
					resource: 'extensionGroup',
					operation: 'create',
					extensionGroupName: 'x',
				},
				args: {},
				credentials: { ringMeApi: accessToken(fixture.sandbox) },
			});
			expect(error).toBe(text);
		},
	);
});
