/**
 * Behavior of the PBX that contradicts ASSUMPTIONS.md. The option `deviations` chooses some of them, to
 * test what has to work either way, and to test the probe (`probe/`), which has to notice each of them.
 */
export const DEVIATIONS = {
	invalidClient401: 'A wrong application id or secret gives 401.',
	basicTokenRequests: 'The token endpoint accepts HTTP Basic.',
	plainUnauthorized: 'The body of a 401 has no `status`.',
	anyScope: 'Every scope is accepted.',
	localSessionDates: '`expires` of a session is in the time zone of the client.',
	validation422: 'A validation error is 422.',
	ignoredUnknowns: 'Unknown parameters and fields are ignored.',
	optionalSlash: 'A path works with and without its trailing slash.',
	wrongMethod405: 'A wrong method gives 405.',
	bracketLists: 'Lists in the query may be `id[0]=`.',
	contractFirst: 'The contract is checked before client and access level.',
	ignoredBodies: 'A body where none is expected is ignored.',
	unknownAgentExtension: 'An agent may have an extension that does not exist.',
	otherNotFound: 'The message of a 404 is "Object does not exist".',
	epochReset: '`X-RateLimit-Reset` is an epoch in seconds.',
	tokensCounted: 'The hourly limit counts token requests.',
	lastPage404: 'A page after the last one gives 404.',
	localDates: 'Dates in requests are in the time zone of the client.',
	openPeriodEnd: 'A period does not include its end.',
	anyRecordPeriod: 'The period of recordings is not limited.',
	limitedStatsPeriod: 'The period of statistics is limited like that of recordings.',
	statsList: '`/record/stats/` returns a list.',
	exactUuid: 'A recording is found by its uuid in upper case only.',
	replacedSound200: '`POST /sound/{id}` gives 200.',
	variableMap: '`variables` of `/variables/` is an object with a field for each variable.',
	agentStatusText: 'The `status` of an agent is a text.',
	domainText: 'The `domain` of aliases and DIDs is its name.',
	conditionTypes: 'The conditions of an interval have a `type`.',
	networksOnly: 'Network permissions accept networks only.',
	uniqueWebhooks: 'A URL is registered once for an event type only.',
	callList: '`/calls/` returns a list.',
	limitedCallPeriod: 'The period of `/calls/` is limited like that of recordings.',
	callStatsNumbers: 'The statistics of calls are plain numbers.',
	registrationDates: '`expires` of a registration is a date.',
	lowerRealmForbidden: '`/extension/@me/` gives 403 to users of the client.',
	anyEventType: 'A webhook may be registered for any event type.',
} as const;

export type Deviation = keyof typeof DEVIATIONS;
