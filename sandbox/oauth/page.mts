// The pages that a person sees when an application requests access.

const escape = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

function renderPage(title: string, body: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; background: #f2f4f7; margin: 0; }
main { max-width: 22rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: 8px; }
label { display: block; margin: .75rem 0; }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
button { font: inherit; padding: .5rem 1.25rem; margin: 1rem .5rem 0 0; }
.error { color: #a4161a; }
</style>
</head>
<body><main>${body}</main></body>
</html>`;
}

/** Query parameters that the form sends on. */
const FORWARDED_FIELDS = ['response_type', 'client_id', 'redirect_uri', 'scope', 'state'];

/** The page for login and consent. The login is prefilled, so that a click on Allow is enough. */
export function renderAuthorizePage(
	fields: Record<string, string | undefined>,
	error?: string,
): string {
	const hidden = FORWARDED_FIELDS.filter((name) => fields[name] !== undefined)
		.map((name) => `<input type="hidden" name="${name}" value="${escape(fields[name] ?? '')}">`)
		.join('\n');
	const alert = error ? `<p class="error" role="alert">${escape(error)}</p>` : '';
	return renderPage(
		'Sandbox PBX: allow access',
		`<h1>Sandbox PBX</h1>
<p>The application <b>${escape(fields.client_id ?? '')}</b> asks for access to your PBX.</p>${alert}
<form method="post" action="/oauth/authorize">
${hidden}
<label>Login <input name="login" value="admin" autocomplete="username"></label>
<label>Password <input name="password" type="password" value="sandbox-password" autocomplete="current-password"></label>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
	);
}

/** The page for a request that cannot be granted. */
export function renderMessagePage(message: string): string {
	return renderPage('Sandbox PBX', `<h1>Sandbox PBX</h1><p class="error">${escape(message)}</p>`);
}
