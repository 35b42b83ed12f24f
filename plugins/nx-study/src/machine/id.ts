import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tried } from '../base/errno.ts';
import { memoized } from '../base/memoized.ts';

const FILES = ['etc/machine-id', 'var/lib/dbus/machine-id'];

/** For what the hash is made, so that those of other programs differ. */
const APPLICATION = 'nx-study machine';

/**
 * What tells this machine from others of the same name, also after a reboot: 12 hex digits of a keyed hash of the id that
 * its system keeps. The id itself is meant to stay on the machine (machine-id(5)); nobody can get it, or the hashes of other
 * programs, from this one. null where there is none, as on macOS and in most containers.
 */
export const machineId = memoized((root: string = '/'): string | null => {
  for (const file of FILES) {
    const id = tried(() => readFileSync(join(root, file), 'utf8'))?.trim();
    // `uninitialized` until the first boot ends.
    if (id !== undefined && /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id))
      return createHmac('sha256', Buffer.from(id, 'hex')).update(APPLICATION).digest('hex').slice(0, 12);
  }
  return null;
});
