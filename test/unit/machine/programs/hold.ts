// Holds the lock until its input ends; says `held`. With `--child`, `held <pid>` of a child that inherits the lock.
import { spawn } from 'node:child_process';
import { acquireLock } from '../../../../plugins/nx-study/src/machine/lock.ts';
import { holderLabel } from '../../../../plugins/nx-study/src/machine/holder.ts';

const [path, flag] = process.argv.slice(2);
const label = await holderLabel({ study: 'first', measurement: 'first.a-00000000', workspace: '/somewhere' });
const lock = await acquireLock(path!, { label });
let child = null;
if (flag === '--child') {
  child = spawn('sleep', ['60'], { detached: true, stdio: ['ignore', 'ignore', 'ignore', lock.fd] });
  child.unref();
}
process.stdout.write(`held ${child?.pid ?? ''}\n`);
process.stdin.resume().once('end', () => lock.release());
