// @ts-check

// Everything that comes from outside is shown with `textContent`: a caller may have any name.

/**
 * @typedef {import('../telephony/index.mts').Delivery} Delivery
 * @typedef {Omit<import('../telephony/index.mts').MenuCallRecord, 'call'>} MenuCallRecord
 * @typedef {import('../telephony/index.mts').MenuStep} MenuStep
 * @typedef {ReturnType<typeof import('../oauth/access.mts').accessOf>} Access
 * @typedef {import('../state/types.mts').Agent} Agent
 * @typedef {import('../state/types.mts').Extension} Extension
 * @typedef {import('../state/types.mts').TaskScheduler
 *   & ReturnType<typeof import('../telephony/index.mts').taskProgress>} Scheduler
 */

const REFRESH_MS = 1000;
const SHOWN_DELIVERIES = 50;
/** The phone that the voice menu rings in the end. */
const OPERATOR = '101';

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

/**
 * Creates an element. Texts become text nodes, never HTML.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string | number | boolean>} [properties]
 * @param {Array<Node | string>} children
 */
function element(name, properties = {}, ...children) {
	const node = Object.assign(document.createElement(name), properties);
	node.append(...children);
	return node;
}

/** @param {number} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** @param {number} ms */
const timeOf = (ms) => new Date(ms).toLocaleTimeString();

/**
 * Calls a control of the sandbox.
 *
 * @param {string} path
 * @param {object} [body] sent with POST
 * @returns {Promise<any>}
 * @throws Error with the message of the sandbox
 */
async function control(path, body) {
	const response = await fetch(
		`/_control/${path}`,
		body && {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		},
	);
	const result = await response.json();
	if (!response.ok) throw new Error(result.message);
	return result;
}

/** @returns {Promise<Delivery[]>} oldest first */
const readDeliveries = async () => await control(`deliveries?last=${SHOWN_DELIVERIES}`);

/** @param {Delivery} delivery */
const answerOf = ({ status, error, ms }) =>
	(error && `no answer: ${error}`) ?? (status === null ? 'sending' : `${status} in ${ms} ms`);

/** @param {Delivery} delivery */
const isBad = ({ status, error }) => error !== null || (status !== null && status >= 400);

/**
 * Does what a button stands for, and says what came of it.
 *
 * @param {HTMLOutputElement} output
 * @param {HTMLElement | null} button
 * @param {string} progress shown meanwhile
 * @param {() => Promise<string>} action returns the sentence for the person
 */
async function act(output, button, progress, action) {
	if (button?.ariaDisabled === 'true') return;
	// Not `disabled`: the button would lose the focus of the keyboard.
	if (button) button.ariaDisabled = 'true';
	output.className = '';
	output.textContent = progress;
	try {
		output.textContent = await action();
	} catch (error) {
		output.className = 'bad';
		output.textContent = `That did not work: ${/** @type {Error} */ (error).message}`;
	} finally {
		if (button) button.ariaDisabled = null;
		void refresh();
	}
}

/**
 * Does something that the PBX reports to webhooks.
 *
 * @param {() => Promise<unknown>} action
 * @returns {Promise<string>} what was sent
 */
async function actAndReport(action) {
	const last = (await readDeliveries()).at(-1)?.n ?? 0;
	await action();
	const sent = (await readDeliveries()).filter(({ n }) => n > last);
	if (sent.length === 0) {
		return 'Done. No webhook was sent: no published workflow with a RingMe Trigger waits for this event.';
	}
	const events = sent.map((delivery) => `${delivery.event} (${answerOf(delivery)})`);
	return `Done. The PBX sent ${counted(sent.length, 'webhook')}: ${events.join(', ')}.`;
}

/**
 * @param {string} id of a form
 * @param {string} progress
 * @param {(fields: Record<string, string>) => Promise<string>} action gets the fields that are not empty
 */
function onSubmit(id, progress, action) {
	const form = byId(id);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const { submitter } = event;
		const data = new FormData(/** @type {HTMLFormElement} */ (form), submitter);
		const fields = Object.fromEntries([...data].filter(([, value]) => value !== ''));
		const output = /** @type {HTMLOutputElement} */ (form.querySelector('output'));
		void act(output, submitter, progress, async () =>
			action(/** @type {Record<string, string>} */ (fields)),
		);
	});
}

onSubmit(
	'call',
	'The phone rings …',
	async ({ from, fromName, to, talk, live, answered }) =>
		await actAndReport(async () => {
			const outcome =
				answered === 'true' ? { answered: true, talk: Number(talk) } : { answered: false };
			await control('calls/incoming', { from, fromName, to, live: live === 'on', ...outcome });
		}),
);

onSubmit(
	'voicemail',
	'The caller speaks …',
	async ({ from, extension, duration }) =>
		await actAndReport(
			async () => await control('voicemails', { from, extension, duration: Number(duration) }),
		),
);

onSubmit(
	'message',
	'Sending …',
	async ({ remote, text }) =>
		await actAndReport(async () => await control('messages', { direction: 'in', remote, text })),
);

onSubmit('finish', 'The tasks are being finished …', async () => {
	await control('tasks/finish', {});
	/** @type {Scheduler[]} */
	const schedulers = await control('task-schedulers');
	const waiting = schedulers.reduce((sum, scheduler) => sum + scheduler.waiting, 0);
	if (waiting === 0) return 'Done. No task is waiting.';
	return `Done. ${counted(waiting, 'task')} cannot start within a day, because of the start time, the calling hours, or a scheduler that is off.`;
});

onSubmit('menu', 'The caller is in the menu …', async ({ url, from, fromName, inputs = '' }) => {
	rememberedUrl.write(url);
	byId('heard').replaceChildren();
	const lines = inputs.split('\n').map((line) => line.trim());
	while (lines.at(-1) === '') lines.pop();
	/** @type {MenuStep} */
	const ask = {
		action: 'call_interactive',
		call_interactive_url: url,
		call_interactive_method: 'POST',
	};
	/** @type {MenuStep[]} */
	const steps = [
		ask,
		.../** @type {MenuStep[]} */ (lines.flatMap(() => [{ action: 'voice_helper' }, ask])),
		{ action: 'transfer', transfer_dst: [OPERATOR] },
	];
	await control('voice-menus', { contexts: { 1: { options: { start: steps } } } });
	return await actAndReport(async () => {
		showMenuCall(await control('calls/menu', { from, fromName, inputs: lines, live: false }));
	});
});

/** The address is typed once; a browser may forbid to remember it. */
const rememberedUrl = {
	read() {
		try {
			return localStorage.getItem('menu-url') ?? '';
		} catch {
			return '';
		}
	},
	/** @param {string} url */
	write(url) {
		try {
			localStorage.setItem('menu-url', url);
		} catch {
			// Then it is typed again.
		}
	},
};

/** @param {MenuCallRecord} record */
function showMenuCall({ heard, problems, requests, endedBy }) {
	const ends = {
		caller: 'The caller hangs up.',
		called: 'The call ends.',
		menu: 'The menu hangs up.',
	};
	const list = element('ol');
	for (const each of heard) list.append(element('li', {}, describeSound(each)));
	if (endedBy) list.append(element('li', {}, ends[endedBy]));
	byId('heard').replaceChildren(
		element('h3', {}, 'What the caller heard'),
		list,
		...problems.map((problem) => element('p', { className: 'bad' }, problem)),
		element('h3', {}, 'What the menu asked, and the answers'),
		...requests.map((request) => element('details', {}, ...describeDelivery(request))),
	);
}

/** @param {MenuCallRecord['heard'][number]} sound */
function describeSound(sound) {
	switch (sound.kind) {
		case 'speech':
			return `“${sound.text}”${sound.lang ? ` (${sound.lang})` : ''}`;
		case 'sound':
			return `The sound ${sound.file}${sound.where === 'background' ? ', in the background' : ''}`;
		case 'silence':
			return `Silence for ${counted(sound.seconds, 'second')}`;
		case 'ringing':
			return `Ringing at ${sound.numbers.join(', ')} for ${counted(sound.seconds, 'second')}`;
		case 'conversation':
			return `${sound.number} picks up, and talks for ${counted(sound.seconds, 'second')}`;
	}
}

/** @param {Record<string, string>} fields of a webhook */
function partiesOf({ CallerIDNum, CalledNumber }) {
	if (!CallerIDNum || !CalledNumber) return '';
	return [CallerIDNum, CalledNumber].map((number) => number.replace(/^\d+\*|@.*/g, '')).join(' → ');
}

/** @param {Delivery} delivery @returns {HTMLElement[]} the content of a `details` element */
function describeDelivery(delivery) {
	const { event, at, orderingKey, method, url, fields, json, responseBody } = delivery;
	// Its own name says little, such as "after".
	const [task] = /^task \d+/.exec(orderingKey.replace('-', ' ')) ?? [];
	const what = [task, event, partiesOf(fields)].filter(Boolean).join(' ');
	const list = element('dl');
	const values = { [method]: url, ...(json ?? fields) };
	for (const [name, value] of Object.entries(values)) {
		list.append(element('dt', {}, name), element('dd', {}, String(value)));
	}
	const answer = element(
		'span',
		{ className: `status ${isBad(delivery) ? 'bad' : 'good'}` },
		answerOf(delivery),
	);
	return [
		element('summary', {}, `${timeOf(at)} ${what} `, answer),
		list,
		...(responseBody ? [element('pre', {}, responseBody)] : []),
	];
}

/** The deliveries on the page, by number; those that are sending are replaced later. */
const shownDeliveries = /** @type {Map<number, { item: HTMLLIElement, answer: string }>} */ (
	new Map()
);

/** @param {Delivery[]} deliveries oldest first */
function showDeliveries(deliveries) {
	const list = byId('deliveries');
	const numbers = new Set(deliveries.map(({ n }) => n));
	for (const [n, { item }] of shownDeliveries) {
		if (numbers.has(n)) continue;
		item.remove();
		shownDeliveries.delete(n);
	}
	for (const delivery of deliveries) {
		const answer = answerOf(delivery);
		const shown = shownDeliveries.get(delivery.n);
		if (shown?.answer === answer) continue;
		const details = element('details', {}, ...describeDelivery(delivery));
		if (shown) {
			details.open = shown.item.querySelector('details')?.open ?? false;
			shown.item.replaceChildren(details);
		} else {
			list.prepend(element('li', {}, details));
		}
		const item = shown?.item ?? /** @type {HTMLLIElement} */ (list.firstElementChild);
		shownDeliveries.set(delivery.n, { item, answer });
	}
	byId('no-deliveries').hidden = deliveries.length > 0;
}

/**
 * Replaces the items of a list where they have changed, so that the rest keeps the focus.
 *
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} rows
 * @param {(row: T) => Node[]} render
 */
function updateList(list, rows, render) {
	rows.forEach((row, index) => {
		const content = JSON.stringify(row);
		const item = /** @type {HTMLElement} */ (
			list.children[index] ?? list.appendChild(element('li'))
		);
		if (item.dataset.content === content) return;
		const hadFocus = item.contains(document.activeElement);
		item.dataset.content = content;
		item.replaceChildren(...render(row));
		if (hadFocus) item.querySelector('button')?.focus();
	});
	while (list.children.length > rows.length) list.lastElementChild?.remove();
}

/** @param {Scheduler} scheduler */
function renderScheduler({ name, status, total, waiting, calling, succeeded, failed }) {
	const bar = element('progress', { max: Math.max(1, total), value: succeeded + failed });
	bar.ariaLabel = `Finished tasks of ${name}`;
	const counts = [
		`${succeeded + failed} of ${counted(total, 'task')} finished`,
		`${succeeded} succeeded`,
		`${failed} failed`,
		`${calling} calling`,
		`${waiting} waiting`,
	];
	return [
		element(
			'div',
			{ className: 'row' },
			element('strong', {}, name),
			status === 'on' ? 'on' : 'off',
		),
		bar,
		element('div', {}, total === 0 ? 'No tasks' : counts.join(' · ')),
	];
}

/** @param {Agent} agent */
function renderAgent({ id, name, status }) {
	const isIn = status !== 'logged_out';
	const button = element(
		'button',
		{ type: 'button', className: 'quiet' },
		`Log ${isIn ? 'out' : 'in'}`,
	);
	button.ariaLabel = `Log ${name} ${isIn ? 'out' : 'in'}`;
	button.addEventListener('click', () => {
		const output = /** @type {HTMLOutputElement} */ (byId('agents-output'));
		void act(output, button, 'The agent uses the phone …', async () =>
			actAndReport(async () => control(`agents/${id}/${isIn ? 'logout' : 'login'}`, {})),
		);
	});
	return [
		element(
			'div',
			{ className: 'row' },
			element('span', {}, `${name}: ${isIn ? 'takes calls' : 'logged out'}`),
			button,
		),
	];
}

/** @param {Access} access */
function showAccess({ baseUrl, applicationId, applicationSecret, accessToken }) {
	const values = {
		'Base URL': baseUrl,
		'Application ID': applicationId,
		'Application secret': applicationSecret,
		'Access token (for the credential with a token)': accessToken,
	};
	byId('access').replaceChildren(
		...Object.entries(values).map(([label, value]) => {
			const input = element('input', { readOnly: true, value });
			const button = element('button', { type: 'button', className: 'quiet' }, 'Copy');
			button.ariaLabel = `Copy ${label}`;
			button.addEventListener('click', () => {
				input.select();
				void navigator.clipboard.writeText(value).then(() => (button.textContent = 'Copied'));
			});
			return element('div', { className: 'row' }, element('label', {}, label, input), button);
		}),
	);
}

/** Reads what never changes while the sandbox runs. */
async function start() {
	/** @type {[Access, Extension[]]} */
	const [access, extensions] = await Promise.all([control('access'), control('state/extensions')]);
	showAccess(access);
	const phones = extensions.filter(({ type }) => type === 'phone');
	for (const select of document.querySelectorAll('.phones')) {
		select.replaceChildren(
			...phones.map(({ name, label }) => {
				const number = name.split('*').at(-1) ?? name;
				return element('option', { value: name }, `${number} ${label ?? ''}`);
			}),
		);
	}
	/** @type {HTMLInputElement} */ (byId('menu').querySelector('[name="url"]')).value =
		rememberedUrl.read();
}

let isStarted = false;
/** Whether it is being read, so that an old answer never follows a new one. */
let isReading = false;

/** Shows how things are now. */
async function refresh() {
	if (isReading) return;
	isReading = true;
	try {
		if (!isStarted) await start();
		isStarted = true;
		/** @type {[{ now: number }, Scheduler[], Agent[], Delivery[]]} */
		const [clock, schedulers, agents, deliveries] = await Promise.all([
			control('clock'),
			control('task-schedulers'),
			control('state/agents'),
			readDeliveries(),
		]);
		byId('clock').textContent = new Date(clock.now).toLocaleString();
		updateList(byId('schedulers'), schedulers, renderScheduler);
		updateList(byId('agents'), agents, renderAgent);
		showDeliveries(deliveries);
		byId('offline').hidden = true;
	} catch {
		byId('offline').hidden = false;
		// Another sandbox may follow.
		isStarted = false;
	} finally {
		isReading = false;
	}
}

async function refreshForever() {
	await refresh();
	setTimeout(() => void refreshForever(), REFRESH_MS);
}

void refreshForever();
