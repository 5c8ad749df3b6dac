import { calls } from './calls.mts';
import type { Handlers } from './context.mts';
import { devices } from './devices.mts';
import { people } from './people.mts';
import { phones } from './phones.mts';
import { recordings } from './recordings.mts';
import { settings } from './settings.mts';
import { sounds } from './sounds.mts';
import { tasks } from './tasks.mts';

/** The handlers of all operations of the contract. */
export const handlers: Handlers = {
	...calls,
	...devices,
	...people,
	...phones,
	...recordings,
	...settings,
	...sounds,
	...tasks,
};
