import getPort, { portNumbers } from 'get-port';

/** How many ports after the preferred one are tried. */
const RANGE = 100;

/**
 * The preferred port if it is free, else one close to it.
 *
 * @param user what uses the port, for the message when the preferred one is taken
 * @param log gets that message
 */
export async function findPort(
	user: string,
	preferred: number,
	log: (line: string) => void,
): Promise<number> {
	const port = await getPort({ port: portNumbers(preferred, preferred + RANGE) });
	if (port !== preferred) {
		log(`Port ${preferred} is used by another program; ${user} uses port ${port}.`);
	}
	return port;
}
