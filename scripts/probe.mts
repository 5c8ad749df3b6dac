/**
 * `npm run probe`: asks a real PBX whether it behaves as sandbox/ASSUMPTIONS.md says, and writes the result to a file
 * for an issue. Application ID and secret come from the terminal or the environment, never from the arguments, which
 * other users of the machine can read.
 */
import { main } from '../probe/cli.mts';

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
}
