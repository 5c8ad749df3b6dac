import { notFound } from '../http/errors.mts';
import type { PastCall } from '../state/types.mts';
import { isInPeriod, parsePeriod, rowsOfPeriod } from './checks.mts';
import type { Context, Handlers } from './context.mts';
import { paginate } from './list.mts';
import { findByUuid } from './recordings.mts';
import { oneAtATime } from './statistics.mts';

/** One page of the calls that match the query. */
async function pageOfCalls(context: Context): Promise<PastCall[]> {
	const { query, store } = context;
	return await oneAtATime(context, () => {
		const filtered = rowsOfPeriod(context, store.pastCalls.list(), false).filter(
			(call) =>
				(query.flow ?? call.flow) === call.flow &&
				(query.extension_id ?? call.extension_id) === call.extension_id &&
				(query.to_username ?? call.to_username) === call.to_username,
		);
		return paginate(context, filtered);
	});
}

/** The page, its size and the order, as the response repeats them. */
const pageFields = ({ query, pbx }: Context, calls: PastCall[]) => ({
	page: query.page ?? 1,
	per_page: Math.min(Number(query.per_page ?? calls.length), pbx.options.maxPerPage),
	order: query.order ?? 'desc',
});

/** Calls: those in progress and the history. */
export const calls: Handlers = {
	listActiveCalls: ({ store }) => ({ call_list: store.calls.list() }),
	async listCalls(context) {
		const page = await pageOfCalls(context);
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
		const period = parsePeriod(context.query, false);
		return await oneAtATime(context, () => {
			const rows = context.store.pastCalls.filter(({ init_time_gmt }) =>
				isInPeriod(period, init_time_gmt),
			);
			const total = (flow: PastCall['flow']) => rows.filter((row) => row.flow === flow).length;
			return { in: { total: total('in') }, out: { total: total('out') } };
		});
	},
};
