import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { treeMemory } from '../../../plugins/nx-study/src/machine/tree-memory.ts';

const MIB = 2 ** 20;

test.runIf(process.platform === 'linux')('memory of a process and of what it started', async () => {
  const holds = (mib: number, then: string) =>
    `const held = Buffer.alloc(${mib} << 20, 1); ${then}; setInterval(() => held, 1000);`;
  const child = holds(200, 'console.log("ready")');
  const parent = holds(
    100,
    `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })`,
  );
  const tree = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  onTestFinished(() => void process.kill(-tree.pid!, 'SIGKILL'));
  await once(tree.stdout, 'data');
  const bytes = treeMemory(tree.pid!).read();
  expect(bytes).toBeGreaterThan(300 * MIB);
  expect(bytes).toBeLessThan(600 * MIB);
  expect(treeMemory(2 ** 22).read()).toBe(0);
});
