// Without /proc, in a mount namespace of its own, ends the group of a shell with two children, or has the guard do it.
import { execFileSync, spawn } from 'node:child_process';
import { startGuard } from '../../../../plugins/nx-study/src/machine/guard.ts';
import { endGroup, seesStrays } from '../../../../plugins/nx-study/src/machine/tree.ts';

execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/proc']);
const guard = process.argv[2] === 'guard' ? await startGuard() : null;
const worker = spawn('sh', ['-c', "trap '' TERM; sleep 61 & sleep 62; true"], { detached: true, stdio: 'ignore' });
const gone = new Promise((resolve) => worker.once('exit', resolve));
guard?.watch(worker.pid!, 'a');
await guard?.close();
const rest = guard ? null : await endGroup(worker.pid!, 'a', { graceMs: 200 });
await gone;
console.log(JSON.stringify({ sees: seesStrays(), rest, group: worker.pid }));
