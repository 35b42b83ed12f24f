import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const SECONDS = 20;

/** CPU of a process that has loaded Nx and does nothing, in cores: the least that an executor of Nx can take. */
export async function idleNx() {
  const devkit = createRequire(import.meta.url).resolve('@nx/devkit');
  const script = `
    require(${JSON.stringify(devkit)});
    const settle = 1000;
    setTimeout(() => {
      const before = process.cpuUsage();
      setTimeout(() => {
        const { user, system } = process.cpuUsage(before);
        console.log((user + system) / 1e6 / ${SECONDS});
      }, ${SECONDS} * 1000);
    }, settle);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  return Number(stdout);
}
