import { findWebhookUrlProblem } from '../../nodes/shared/transport/webhookUrl';

const PBX = 'https://apiproxy.example.com';

it.each([
	'http://localhost:5678/webhook/1',
	'https://127.0.0.1/webhook/1',
	'http://[::1]:5678/webhook/1',
	'http://n8n.localhost/webhook/1',
])('finds that the PBX cannot call %s', (url) => {
	expect(findWebhookUrlProblem(url, PBX)).toMatchObject({ isFatal: true });
});

it.each([
	'https://10.1.2.3/webhook/1',
	'https://192.168.0.4:5678/webhook/1',
	'https://172.16.5.4/webhook/1',
	'https://n8n/webhook/1',
	'https://n8n.local/webhook/1',
	'https://[fd12:3456::1]/webhook/1',
	'http://n8n.example.com/webhook/1',
])('warns about %s', (url) => {
	expect(findWebhookUrlProblem(url, PBX)).toMatchObject({ isFatal: false });
});

it.each(['https://n8n.example.com/webhook/1', 'https://172.32.1.1/', 'https://[2001:db8::1]/'])(
	'has nothing against %s',
	(url) => {
		expect(findWebhookUrlProblem(url, PBX)).toBeUndefined();
	},
);

it('lets a PBX on this machine call everything', () => {
	expect(findWebhookUrlProblem('http://localhost:5678/', 'http://127.0.0.1:8787')).toBeUndefined();
});

it('does not repeat the query of the URL, which can contain secrets', () => {
	const problem = findWebhookUrlProblem('http://n8n.example.com/?signature=abc', PBX);
	expect(JSON.stringify(problem)).not.toContain('abc');
});
