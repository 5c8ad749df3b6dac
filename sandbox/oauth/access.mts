import type { Store } from '../state/store.mts';
import { APPLICATIONS, STATIC_TOKEN } from './tokens.mts';

/** What a person enters in a credential to reach a sandbox. All of it is fictional. */
export function accessOf({ url, store }: { url: string; store: Store }) {
	const [{ id, secret }] = APPLICATIONS;
	const admin = store.users.find(({ login }) => login === 'admin');
	return {
		baseUrl: url,
		applicationId: id,
		applicationSecret: secret,
		accessToken: STATIC_TOKEN,
		user: admin?.login,
		password: admin?.password,
		clientId: store.client.id,
	};
}
