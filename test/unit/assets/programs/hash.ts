// Says that it is ready; when its input ends, it hashes files, one after another.
import { once } from 'node:events';
import { hashPath } from '../../../../plugins/nx-study/src/assets/hash.ts';

process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
for (const path of process.argv.slice(2)) await hashPath(path, {});
