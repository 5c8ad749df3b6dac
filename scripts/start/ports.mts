import getPort, { portNumbers } from 'get-port';

/** How far from the usual port another one is looked for. */
const NEARBY = 100;

/**
 * The usual port if it is free, else one close to it.
 *
 * @param what says who wants the port, for the message when it is taken
 * @param say gets that message
 */
export async function portFor(
	what: string,
	usual: number,
	say: (line: string) => void,
): Promise<number> {
	const port = await getPort({ port: portNumbers(usual, usual + NEARBY) });
	if (port !== usual)
		say(`Port ${usual} is in use by another program; ${what} takes port ${port}.`);
	return port;
}
