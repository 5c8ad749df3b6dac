import type { Locator } from './fields';

/** The records that can be picked, each with its list search (`methods/`) where the PBX can list them. */

const numbered = (label: string, example: string, search?: string): Locator => ({
	label,
	example,
	search,
	numeric: true,
});

export const extensionLocator = numbered('Extension', '85219', 'searchExtensions');
export const extensionGroupLocator = numbered('Extension Group', '310', 'searchExtensionGroups');
export const dialRuleLocator = numbered('Dial Rule List', '77', 'searchDialRules');
export const intervalLocator = numbered('Interval', '12', 'searchIntervals');
export const schedulerLocator: Locator = { label: 'Task Scheduler', example: '7', numeric: false };
export const taskLocator = numbered('Task', '10543');
