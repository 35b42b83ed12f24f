// Measures nx-study against peers in the same run, and prints Markdown tables.
// Usage: npm run bench -- [tasks | status | inference] [--pairs 5] [--measurements 1000] [--llama-bench PATH]
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchInference } from './inference/run.mjs';
import { benchStatus } from './status/run.mjs';
import { benchTasks } from './tasks/run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '5' },
    measurements: { type: 'string', default: '1000' },
    // Built from the binding's own sources when it is not given, which takes a quarter of an hour.
    'llama-bench': { type: 'string' },
  },
});
const wanted = positionals.length > 0 ? positionals : ['tasks', 'status', 'inference'];
const pairs = Number(values.pairs);

console.log(
  `${cpus().length} cores, load ${loadavg()[0].toFixed(1)} at the start, ${pairs} interleaved rounds, medians\n`,
);
if (wanted.includes('tasks')) benchTasks(Number(values.measurements), pairs);
if (wanted.includes('status')) benchStatus(10_000, pairs);
if (wanted.includes('inference')) await benchInference({ pairs, llamaBench: values['llama-bench'] });
