/** The question cannot be asked, or the response decides nothing. The message is safe to publish. */
export class NotAnswerable extends Error {}

/** There is no response that says what the PBX does: nothing arrived, or only a gateway responded. */
export class NoResponseError extends Error {}

/** The run cannot go on: the hourly limit, the stated number of requests, a rejected application. */
export class StopError extends Error {}
