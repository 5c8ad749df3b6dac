/**
 * The records a PBX holds, in the API's own snake_case names.
 *
 * - Dates are `YYYY-MM-DD HH:MM:SS` strings in UTC, as on the wire.
 * - `null` is "not set". Whether it goes out as `null` or not at all is decided by the contract when
 *   a response is written (see `api/respond.mts`).
 * - Fields that no endpoint returns (they are needed inside) are marked "inside only".
 */

export type * from './types-calls.mts';
export type * from './types-company.mts';
export type * from './types-phones.mts';
