/** Version that is downloaded when the running Node is older than 24. */
export const NODE_VERSION: string;
/** Absolute path of a Node.js binary of version 24 or later. */
export function node24(options?: { log?: (line: string) => void }): Promise<string>;
