// Filters that several triggers have, each with its own description.

import { boolean, choice, locator, rows } from '../schema/field';
import { extensionLocator } from '../schema/locators';

export const directionFilter = (description: string) =>
	choice('direction', 'Direction', description, [
		{ label: 'Inbound', value: 'in' },
		{ label: 'Outbound', value: 'out' },
	]);

export const extensionsFilter = (description: string) =>
	rows('extensions', 'Extensions', description, 'Extension', [
		locator(
			'extension',
			extensionLocator,
			'Extension',
			'Extension from the list, or its ID or number',
		),
	]);

export const ignoreInternalFilter = boolean(
	'ignoreInternal',
	'Ignore Internal Calls',
	'Whether to ignore calls between two extensions of the PBX',
	{ default: true },
);

export const missedOnlyFilter = (description: string) =>
	boolean('missedOnly', 'Missed Calls Only', description, { default: true });
