// Writes the locks of the environments. Each installs the binaries of its device alone: npm skips an optional package of
// another platform, so the entries of the other devices' binaries name a platform that does not exist.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { completeLock, platformOf } from '../../../tools/lock.mjs';

const binaries = /^@node-llama-cpp\/\w+-\w+(?:-(?<device>\w+))?/;
const environments = join(import.meta.dirname, '../environments');

for (const device of readdirSync(environments)) {
  const folder = join(environments, device);
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  completeLock(folder, (name, entry) => {
    const found = binaries.exec(name);
    if (found) Object.assign(entry, platformOf(name), wanted(found.groups.device, device) ? {} : { os: ['none'] });
  });
}

// Metal's is the only one for its platform, and serves the processor, too.
function wanted(its, device) {
  return its === undefined || its === 'metal' || its === device;
}
