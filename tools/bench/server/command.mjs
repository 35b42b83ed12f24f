import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MOST_CHARACTERS = 800;

/**
 * Runs a command to its end; the CPU seconds of it and of all that it started and waited for. `limit_s` ends it as a failure.
 * @throws with the beginning of what it wrote to stderr.
 */
export async function cpuOf([program, ...args], { env = {}, limit_s }) {
  const script = join(import.meta.dirname, '../cpu_of.py');
  const child = spawn('python3', [script, program, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // A group of its own, so that nothing of it is left.
    detached: true,
  });
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(end, 1000 * limit_s);
  const all = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const [output, complaints, [code]] = await all.finally(() => clearTimeout(timer));
  if (code !== 0)
    throw new Error(
      `${program} ended with ${code ?? `no answer within ${limit_s} s`}: ${complaints.slice(0, MOST_CHARACTERS)}`,
    );
  return JSON.parse(output.trim().split('\n').at(-1)).whole_cpu_s;
}
