import type { Probe } from '../probe.mts';
import { authentication } from './authentication.mts';
import { calls } from './calls.mts';
import { changes } from './changes.mts';
import { lists } from './lists.mts';
import { requests } from './requests.mts';
import { resources } from './resources.mts';

/** Questions that only read. */
export const READING: Probe[] = [...authentication, ...requests, ...lists, ...calls, ...resources];

/** Questions that create records, and delete them again. */
export const CHANGING: Probe[] = changes;
