import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchDuring } from './window.mjs';

const program = join(import.meta.dirname, 'worker/measure.mjs');

/** Runs the worker's program with a request that a supervised one got, and nobody who looks at it. */
export async function measureByHand(home, request, seconds) {
  const directory = mkdtempSync(join(home, 'by-hand-'));
  cpSync(request, join(directory, 'request.json'));
  const worker = spawn(process.execPath, [program, directory], { stdio: 'ignore' });
  const exit = new Promise((resolve) => worker.once('close', resolve));
  const { strangers } = await watchDuring(seconds, worker.pid, () => []);
  const code = await exit;
  if (code !== 0) throw new Error(`the worker ended with code ${code}`);
  return { strangers, rates: JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')).payload };
}
