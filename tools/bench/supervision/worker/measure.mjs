// A bare benchmark as a worker: a thread for each core that it may use, signs of life as the kits give them, and two rates.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const PROGRESS_MS = 1000;
const HEARTBEAT_MS = 10_000;

const directory = process.argv[2];
const { configuration, allowance } = JSON.parse(readFileSync(join(directory, 'request.json'), 'utf8'));
const { seconds } = configuration;
const tell = (event) =>
  appendFileSync(join(directory, 'events.jsonl'), `${JSON.stringify({ t: Date.now() / 1000, ...event })}\n`);

tell({ event: 'phase', phase: 'measuring' });
const begin = performance.now();
const progress = () => tell({ event: 'progress', done: (performance.now() - begin) / 1000, total: seconds, unit: 's' });
const timers = [setInterval(progress, PROGRESS_MS), setInterval(() => tell({ event: 'heartbeat' }), HEARTBEAT_MS)];

const thread = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('load.mjs', import.meta.url), { workerData: { seconds } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
const threads = await Promise.all(Array.from({ length: allowance.cpus }, thread));
timers.forEach(clearInterval);

const rate = (amount, time) => threads.reduce((sum, one) => sum + one[amount] / one[time], 0);
const payload = { compute_steps_per_s: rate('steps', 'compute_s'), memory_bytes_per_s: rate('bytes', 'memory_s') };
writeFileSync(join(directory, '.result.json'), JSON.stringify({ protocol: 1, kind: 'values', payload }));
renameSync(join(directory, '.result.json'), join(directory, 'result.json'));
