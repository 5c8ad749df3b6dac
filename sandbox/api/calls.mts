import { badRequest, notFound } from '../http/errors.mts';
import type { PastCall } from '../state/types.mts';
import { findExtension } from '../telephony/numbers.mts';
import {
	assertExists,
	assertPhoneNumber,
	isInPeriod,
	parsePeriod,
	rowsOfPeriod,
} from './checks.mts';
import type { Context, Handlers } from './context.mts';
import { applyFilters, paginate } from './list.mts';
import { findByUuid } from './recordings.mts';
import { oneAtATime } from './statistics.mts';

/** One page of the calls that match the query. */
async function pageOfCalls(context: Context): Promise<PastCall[]> {
	const { pbx, store } = context;
	return oneAtATime(context, () => {
		const rows = rowsOfPeriod(context, store.pastCalls.list(), pbx.deviates('limitedCallPeriod'));
		return paginate(context, applyFilters(context, rows, pbx.deviates('singleCallFilters')));
	});
}

/** The page, its size and the order, as the response repeats them. */
const pageFields = ({ query, pbx }: Context, calls: PastCall[]) => ({
	page: query.page ?? 1,
	per_page: Math.min(Number(query.per_page ?? calls.length), pbx.options.maxPerPage),
	order: query.order ?? 'desc',
});

/** @throws PbxError 404 if the extension has no such call in progress */
function findActive({ pbx, store, params }: Context) {
	const extension = store.extensions.get(Number(params.extension_id));
	const found = extension && pbx.telephony.control.find(extension, String(params.call_api_id));
	if (!found) throw notFound();
	return found;
}

function startCall({ pbx, store, params, body }: Context): object {
	const owner = store.extensions.get(Number(params.extension_id));
	if (!owner) throw notFound();
	const sources = body.src_num as string[];
	if (sources.length === 0) throw badRequest('src_num must not be empty');
	for (const number of sources) {
		assertPhoneNumber(number, 'src_num');
		const type = findExtension(store, number)?.type;
		if (type === 'queue' || type === 'ivr') throw badRequest(`src_num: ${number} is a ${type}`);
	}
	assertPhoneNumber(body.dst_num, 'dst_num');
	assertExists(body, 'announce_sound_id', store.sounds);
	assertExists(body, 'dst_announce_sound_id', store.sounds);
	const variables = (body.variables ?? {}) as Record<string, string | undefined>;
	const seconds = (name: string) => {
		const text = variables[name] ?? variables.autoanswer;
		if (text === undefined) return undefined;
		if (!/^\d{1,3}$/.test(text) || Number(text) > 300) {
			throw badRequest(`variables.${name} must be a number from 0 to 300`);
		}
		return Number(text);
	};
	const call = pbx.telephony.control.start({
		owner,
		sources,
		destination: String(body.dst_num),
		callerName: body.caller_id_name as string | undefined,
		callerNumber: body.caller_id_number as string | undefined,
		tag: variables.tag,
		waitForPickup: body.wait_for_pickup as number | undefined,
		maxSeconds: body.call_duration as number | undefined,
		transferAfterDestinationHangup: body.transfer_after_dst_hangup as string | undefined,
		autoAnswerSource: seconds('autoanswer_src'),
		autoAnswerDestination: seconds('autoanswer_dst'),
	});
	return { call_api_id: call.id, call_id: call.id };
}

/** Calls: those in progress and the history. */
export const calls: Handlers = {
	listActiveCalls: ({ store }) => ({ call_list: store.calls.list() }),
	listActiveCallsOfExtension: ({ store, params }) => ({
		call_list: store.calls.filter(
			({ extension_id }) => extension_id === Number(params.extension_id),
		),
	}),
	startCall,
	transferCall(context) {
		const { pbx, body } = context;
		const { call, leg } = findActive(context);
		assertPhoneNumber(body.send_dst, 'send_dst');
		const isAttended = body.action === 'attended_transfer';
		pbx.telephony.control.transfer(call, leg, String(body.send_dst), isAttended);
		return {};
	},
	hangUpCall(context) {
		context.pbx.telephony.control.hangUp(findActive(context).call);
	},
	async listCalls(context) {
		const page = await pageOfCalls(context);
		if (context.pbx.deviates('callList')) return page;
		return { ...pageFields(context, page), calls: page };
	},
	async listCallHistory(context) {
		const page = await pageOfCalls(context);
		return { ...pageFields(context, page), call_history: page };
	},
	getPastCall({ store, params }) {
		const call = findByUuid(store.pastCalls, params.call_uuid);
		if (!call) throw notFound();
		return call;
	},
	async getCallStatistics(context) {
		const period = parsePeriod(context, context.query, false);
		return oneAtATime(context, () => {
			const rows = context.store.pastCalls.filter(({ init_time_gmt }) =>
				isInPeriod(period, init_time_gmt),
			);
			const total = (flow: PastCall['flow']) => rows.filter((row) => row.flow === flow).length;
			if (context.pbx.deviates('callStatsNumbers')) return { in: total('in'), out: total('out') };
			return { in: { total: total('in') }, out: { total: total('out') } };
		});
	},
};
