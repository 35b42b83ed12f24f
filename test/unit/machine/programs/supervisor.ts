// Like an executor: lock, guard, worker in its own group. Says `worker <pid>`, then waits to be killed.
import { spawn } from 'node:child_process';
import { startGuard } from '../../../../plugins/nx-study/src/machine/guard.ts';
import { holderLabel } from '../../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock } from '../../../../plugins/nx-study/src/machine/lock.ts';

const [path, script, token] = process.argv.slice(2);
const label = await holderLabel({ study: 'first', measurement: 'first.a-00000000', workspace: '/somewhere' });
const lock = await acquireLock(path!, { label });
const guard = await startGuard({ lockFd: lock.fd });
guard.watch(null, token!);
const worker = spawn('sh', ['-c', script!], {
  detached: true,
  env: { ...process.env, NX_STUDY_RUN: token! },
  stdio: ['ignore', 'ignore', 'ignore', lock.fd],
});
if (!process.argv.includes('--unannounced')) guard.watch(worker.pid!, token!);
process.stdout.write(`worker ${worker.pid} guard ${guard.pid}\n`);
setInterval(() => {}, 60_000);
