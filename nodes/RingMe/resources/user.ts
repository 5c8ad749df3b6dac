import { comment, extraParams, timezone } from './common';
import { choice, choices, flag, integers, pick, secret, text, texts } from './fields';
import { extensionGroupLocator, extensionLocator, userLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

const ofExtension = { when: { user_type: ['extension'] } };
const ofGroup = { when: { user_type: ['extension_group'] } };
const ofEither = { when: { user_type: ['extension', 'extension_group'] } };

const userType = choice('user_type', 'User Type', 'What the user may see and change', [
	{ value: 'client', label: 'Client', about: 'The whole PBX' },
	{ value: 'extension', label: 'Extension', about: 'One extension' },
	{ value: 'extension_group', label: 'Extension Group', about: 'The extensions of one group' },
]);

const access = choice('access', 'Access', 'Whether the user may change things', [
	{ value: 'full', label: 'Full' },
	{ value: 'read_only', label: 'Read Only' },
]);
const status = choice('status', 'Status', 'Whether the user may log in', [
	{ value: 'active', label: 'Active' },
	{ value: 'blocked', label: 'Blocked' },
]);

const name = text('name', 'Name', 'Name of the person', { placeholder: 'e.g. Nathan Smith' });
const password = secret('password', 'Password', 'Password for logging in');
const email = text('email', 'Email', 'Email address of the person', {
	placeholder: 'name@email.com',
});
const extension = pick(
	'extension_id',
	extensionLocator,
	'Extension',
	'Extension of the user',
	ofExtension,
);
const group = pick(
	'extension_group_id',
	extensionGroupLocator,
	'Extension Group',
	'Group of the user',
	ofGroup,
);
const more = [access, comment, extraParams, status, timezone];

const simple = [
	'id',
	'login',
	'name',
	'email',
	'status',
	'access',
	'client_id',
	'extension_id',
	'extension_group_id',
	'comment',
];

const all = '/client/{client_id}/user/{user_type}/';
const one = '/client/{client_id}/user/{user_type}/{user_id}';

export const user = resource({
	label: 'User',
	about: 'People who can log in to the PBX',
	path: [userType, pick('user_id', userLocator)],
	rows: {
		create: post(all, 'Add a person who can log in to the PBX, with login, password and email', {
			required: [
				name,
				text('login', 'Login', 'Name for logging in; it cannot be changed later', {
					placeholder: 'e.g. nathan',
				}),
				password,
				email,
				extension,
				group,
			],
			optional: [
				...more,
				flag(
					'email_notify',
					'Email Login Details',
					'Whether to send the new user an email with login and password',
				),
				text(
					'email_for_notify',
					'Email for Login Details',
					'Where that email goes, if not to the email address of the user',
					{ placeholder: 'name@email.com' },
				),
			],
		}),
		delete: remove(one, 'Remove a user for good; the person cannot log in any more'),
		get: get(one, 'Retrieve one user by its ID', { simple }),
		getMany: list(all, 'Retrieve a list of users of one type', {
			simple,
			optional: [
				integers('id', 'IDs', 'Only users with these IDs'),
				texts('login', 'Logins', 'Only users with these logins'),
				choices(
					'access',
					'Access',
					'Only users with one of these rights',
					access.choices ?? [],
					ofEither,
				),
				texts('comment', 'Comments', 'Only users with exactly these comments', ofEither),
				texts('email', 'Emails', 'Only users with these email addresses', {
					placeholder: 'name@email.com',
					...ofEither,
				}),
				integers(
					'extension_group_id',
					'Extension Group IDs',
					'Only users of these groups',
					ofGroup,
				),
				integers('extension_id', 'Extension IDs', 'Only users of these extensions', ofExtension),
				texts('name', 'Names', 'Only users with these names', ofEither),
				choices(
					'status',
					'Statuses',
					'Only users with one of these statuses',
					status.choices ?? [],
					ofEither,
				),
				texts('timezone', 'Time Zones', 'Only users with these time zones', ofEither),
			],
		}),
		update: put(
			one,
			'Block a user, set a new password or change other data; what you do not add stays as it is',
			{ optional: [name, password, email, extension, group, ...more] },
		),
	},
});
