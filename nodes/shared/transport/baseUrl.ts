import { ValidationError } from '../errors/validationError';

export const API_ROOT = '/api/ver1.0';
const LOCALHOST = /^http:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/**
 * The origin of the PBX from a Base URL as people enter it: with or without a slash or the API root
 * at its end.
 *
 * @throws ValidationError for anything but https, which would expose the token on the way
 */
export function pbxOrigin(baseUrl: unknown): string {
	const origin = String(baseUrl ?? '')
		.trim()
		.replace(/\/+$/, '')
		.replace(/\/api\/ver1\.0$/, '');
	if (/^https:\/\/[^/\s?#@]+$/i.test(origin) || LOCALHOST.test(origin)) return origin;
	throw new ValidationError(
		"The 'Base URL' of the credential is not valid",
		'Enter the HTTPS URL of the PBX without a path, for example https://apiproxy.telphin.ru (http is only for localhost).',
	);
}
