import { constants } from 'node:fs';
import { access, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

const APT_TIMEOUT_MS = 5 * 60_000;
const APT_GET = '/usr/bin/apt-get';
/** Debian's switch that keeps the services of packages from being started when they are installed. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * A program of a Debian package, which is installed when it is missing and this is Debian's superuser.
 *
 * @param find its path, or undefined as long as it is not there
 * @param packages that bring it; their services are not started
 * @param otherwise what to say when it cannot be had
 * @throws Error with that
 */
export async function fromDebian(
	find: () => Promise<string | undefined>,
	packages: string[],
	otherwise: string,
	say: (line: string) => void,
): Promise<string> {
	const there = await find();
	if (there) return there;
	if (process.getuid?.() !== 0 || !(await isThere(APT_GET))) throw new Error(otherwise);
	const names = packages.join(' ');
	say(`Installing from Debian's packages (apt-get install ${names}) ...`);
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	const policy = writeFile(POLICY, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 });
	const isOurs = await policy.then(
		() => true,
		() => false,
	);
	try {
		for (const args of [
			['update', '-q'],
			['install', '-qy', '--no-install-recommends', ...packages],
		]) {
			await execa(APT_GET, args, { env, timeout: APT_TIMEOUT_MS });
		}
	} finally {
		if (isOurs) await rm(POLICY);
	}
	const installed = await find();
	if (!installed) throw new Error(`apt-get install ${names} did not bring it. ${otherwise}`);
	return installed;
}

/** Whether there is a program. */
export async function isThere(file: string): Promise<boolean> {
	return await access(file, constants.X_OK).then(
		() => true,
		() => false,
	);
}

/** Where a program is: in these folders, else in those that the shell looks in. */
export async function programIn(folders: string[], name: string): Promise<string | undefined> {
	const shell = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
	for (const folder of [...folders, ...shell]) {
		const file = join(folder, name);
		if (await isThere(file)) return file;
	}
	return undefined;
}
