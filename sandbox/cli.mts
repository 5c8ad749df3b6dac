import { parseArgs } from 'node:util';
import { DEVIATIONS, type Deviation } from './deviations.mts';
import { accessOf } from './oauth/access.mts';
import { APPLICATIONS } from './oauth/tokens.mts';
import { startSandbox } from './index.mts';

// `npm run sandbox`: starts a sandbox PBX that runs until Ctrl-C.

const USAGE = `npm run sandbox -- [--port 8787] [--extensions N] [--speed N] [--rate-limit N] [--empty]
                   [--deviations a,b]

  --port        port on 127.0.0.1 (default 8787; 0 chooses a free one)
  --extensions  number of extensions (default 20)
  --speed       seconds of PBX time per second (default 1)
  --rate-limit  requests per hour (default 1000000)
  --empty       start with users and two extensions only
  --deviations  behavior that contradicts ASSUMPTIONS.md, separated by commas:
${Object.entries(DEVIATIONS)
	.map(([name, text]) => `                  ${name}: ${text}`)
	.join('\n')}`;

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '8787' },
			extensions: { type: 'string' },
			speed: { type: 'string' },
			'rate-limit': { type: 'string' },
			deviations: { type: 'string', default: '' },
			empty: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	if (values.help) return console.log(USAGE);
	const sandbox = await startSandbox({
		port: parseNumber('port', values.port, 0, 65_535),
		seed: values.empty ? 'empty' : 'company',
		extensions: parseNumber('extensions', values.extensions ?? '0', 0, 20_000),
		speed: parseNumber('speed', values.speed ?? '1', 0.001, 100_000),
		rateLimit: parseNumber('rate-limit', values['rate-limit'] ?? '1000000', 1, 1e9),
		deviations: parseDeviations(values.deviations),
		quiet: false,
	});
	const access = accessOf(sandbox);
	console.log(`Sandbox PBX at ${sandbox.url} (Ctrl-C stops it)

  Page with phones    ${sandbox.url}
  Base URL            ${access.baseUrl}
  Application id      ${access.applicationId}   (others: ${APPLICATIONS.slice(1)
		.map(({ id }) => id)
		.join(', ')})
  Application secret  ${access.applicationSecret}
  Access token        ${access.accessToken}
  PBX user            ${access.user} / ${access.password}
  Client id           ${access.clientId} or @me
  Control             ${sandbox.url}/_control/`);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
	}
}

function parseDeviations(text: string): Deviation[] {
	const names = text.split(',').filter(Boolean);
	const unknown = names.find((name) => !Object.hasOwn(DEVIATIONS, name));
	if (unknown !== undefined) throw new Error(`--deviations: there is no ${unknown}`);
	return names as Deviation[];
}

function parseNumber(name: string, text: string, min: number, max: number): number {
	const value = Number(text);
	if (text.trim() === '' || !(value >= min && value <= max)) {
		throw new Error(`--${name} must be a number from ${min} to ${max}`);
	}
	return value;
}

main().catch((error: unknown) => {
	const { code, message } = error as { code?: string; message: string };
	console.error(
		code === 'EADDRINUSE'
			? `This port is in use; choose another with --port. (${message})`
			: message,
	);
	process.exit(1);
});
