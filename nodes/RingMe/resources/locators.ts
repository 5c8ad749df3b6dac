import type { Locator } from './fields';

/** The records that can be picked, and how a person knows them. */

const numbered = (label: string, example: string, list?: Locator['list']): Locator => ({
	label,
	example,
	numeric: true,
	list,
});

const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));

const byName = ({ name, id }: Record<string, unknown>) => text(name) || text(id);

/** `1844*101` → `101`: people know the number without the prefix of the PBX. */
export const shortNumber = (name: unknown) => text(name).replace(/^.*\*/, '');

export const dialRuleLocator = numbered('Dial Rule List', '77', { of: 'dialRule', show: byName });

export const extensionLocator = numbered('Extension', '85219', {
	of: 'extension',
	show: ({ name, label }) => `${shortNumber(name)} ${text(label)}`.trim(),
});

export const extensionGroupLocator = numbered('Extension Group', '310', {
	of: 'extensionGroup',
	show: byName,
});

export const intervalLocator = numbered('Interval', '12', { of: 'interval', show: byName });

export const schedulerLocator: Locator = {
	label: 'Task Scheduler',
	example: '7',
	numeric: false,
};

export const taskLocator = numbered('Task', '10543');
