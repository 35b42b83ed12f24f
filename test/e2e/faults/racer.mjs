// Takes the device lock, notes begin and end of that in a file, and ends; one that hangs never lets go of it.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { holderLabel } from '../../../plugins/nx-study/dist/machine/holder.js';
import { acquireLock } from '../../../plugins/nx-study/dist/machine/lock.js';

const [path, log, then] = process.argv.slice(2);
const note = (what) => appendFileSync(log, `${what} ${process.pid}\n`);
const label = await holderLabel({ study: 'race', measurement: String(process.pid), workspace: '/race' });
const lock = await acquireLock(path, { label, onWait: () => note('waits') });
note('begin');
await sleep(then === 'hang' ? 600_000 : 20);
note('end');
lock.release();
