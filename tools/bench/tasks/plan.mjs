// Prints the seconds that the plan of a large study takes: 3 workers, about 19,000 configurations, 3 repetitions.
// With --json: {experiments, measurements, first_s, best_s, best_cpu_s}. Run it on an idle machine.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

register('@swc-node/register/esm', import.meta.url);
const source = join(import.meta.dirname, '../../../plugins/nx-study/src');
const { readWorkers } = await import(join(source, 'worker/read.ts'));
const { loadStudy } = await import(join(source, 'study/load.ts'));

// The shape of the largest study that a comparable tool ships: groups of alternatives beside axes, per engine.
const study = (seed) => `
workers: [transformers, vllm, llama-cpp]
platform: host
seed: ${seed}
base: {model: tiny, llama-cpp: {mmap: false}}
sweep:
  transformers.precision: [fp32, fp16, bf16]
  transformers.batch: [1, 2, 4, 8, 16]
  transformers.attention: [eager, sdpa, flash]
  vllm.gpu_memory: [0.8, 0.9]
  vllm.eager: [true, false]
  vllm.block: [8, 16, 32]
  vllm.sequences: [64, 128, 256]
  vllm.prefix_cache: [true, false]
  vllm.chunked: [true, false]
  vllm.batched_tokens: [1024, 2048, 4096]
  vllm.kv_precision: [auto, fp8]
  llama-cpp.threads: [1, 2, 4, 8, 16]
  llama-cpp.batch: [1, 2, 4, 8, 16]
zip:
  - {prompt_tokens: [128, 256, 512, 1024, 2048, 4096, 8192, 16384], new_tokens: [16, 16, 32, 32, 64, 64, 128, 128]}
variants:
  memory:
    plain: {transformers: {cache: dynamic, compile: false}}
    compiled: {transformers: {cache: static, compile: true}}
    none: {transformers: {cache: null}}
    four-bit: {transformers: {quantization: {bits: 4}}}
    four-bit-double: {transformers: {quantization: {bits: 4, double: true}}}
    eight-bit: {transformers: {quantization: {bits: 8}}}
    eight-bit-compiled: {transformers: {quantization: {bits: 8}, compile: true}}
    offloaded: {transformers: {cache: offloaded}}
  decoding:
    greedy: {transformers: {decoding: {do_sample: false}}, vllm: {precision: fp16}, llama-cpp: {precision: fp16}}
    sampled: {transformers: {decoding: {do_sample: true, temperature: 0.7}}, vllm: {precision: bf16}, llama-cpp: {precision: int8}}
  warm:
    short: {warmup: {runs: 1}}
repeat: {times: 3, order: shuffled}
limits: {measurements: 100000}
execution: {gap: {min_s: 10}, timeout_s: 600}
`;

const root = await mkdtemp(join(tmpdir(), 'nx-study-bench-'));
try {
  await cp(join(import.meta.dirname, '../../../test/fixtures/shapes/workers'), join(root, 'workers'), {
    recursive: true,
  });
  await mkdir(join(root, 'studies/large'), { recursive: true });
  const workers = await readWorkers(root);
  const runs = [];
  const cpuRuns = [];
  let sizes = {};
  for (const seed of [1, 2, 3]) {
    await writeFile(join(root, 'studies/large/study.yaml'), study(seed));
    const start = performance.now();
    const cpu = process.cpuUsage();
    const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/large/study.yaml', workers });
    runs.push((performance.now() - start) / 1000);
    const { user, system } = process.cpuUsage(cpu);
    cpuRuns.push((user + system) / 1e6);
    sizes = { experiments: plan.experiments.length, measurements: plan.measurements.length };
  }
  const result = {
    ...sizes,
    first_s: round(runs[0]),
    best_s: round(Math.min(...runs)),
    best_cpu_s: round(Math.min(...cpuRuns)),
  };
  const text = `${sizes.measurements} measurements of ${sizes.experiments} experiments planned in ${result.first_s} s (best of three: ${result.best_s} s, ${result.best_cpu_s} s of processor time)`;
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(result) : text}\n`);
} finally {
  await rm(root, { recursive: true, force: true });
}

function round(seconds) {
  return Math.round(seconds * 1000) / 1000;
}
