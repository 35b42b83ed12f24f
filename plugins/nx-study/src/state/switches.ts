import { isSet } from '../base/switch.ts';
import type { Switches } from './known.ts';
import { ignoresMemory } from './memory.ts';

/** As the environment of this process sets them. */
export const switchesNow = (): Switches => ({
  retry: isSet(process.env['NX_STUDY_RETRY']),
  ignoreMemory: ignoresMemory(),
});
