import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { writeBenchmarkReports } from '../../../../../plugins/nx-study/src/commands/report/llmd/write.ts';
import { offline, payloadOf, requestOf, servedOf } from '../../../kinds/llm-inference/payload.ts';
import { planOf, workspaceOf } from '../workspace.ts';
import type { Report } from '../../../../helpers/llmd.ts';
import type { Attempt } from '../workspace.ts';

const FOLDER = 'report';

/** Eleven good requests, the last of which took longest, an error and one without an end. */
export const closed = servedOf([
  ...Array.from({ length: 11 }, (_, index) =>
    requestOf({ start_s: 10 + index, chunk_times_s: [0.1 + index / 100, 0.3, 0.5], end_s: 0.6 + index / 10 }),
  ),
  requestOf({ error: { type: 'timeout', message: 'none' }, end_s: null, chunk_times_s: [] }),
  requestOf({ incomplete: { type: 'length', message: 'too short' } }),
]);

export const open = servedOf([requestOf({ scheduled_s: 9.9 })], {
  mode: 'open-loop',
  concurrency: null,
  rate_per_s: 2.5,
  length: 'at-most',
});

/** As vLLM reports itself, on a machine with two GPUs. */
export const onGpus = payloadOf([offline], {
  settings: {
    asked: {},
    effective: { device: 'cuda', tensor_parallel_size: 2, pipeline_parallel_size: 1, enable_expert_parallel: false },
  },
});
const gpu = { vendor: 'nvidia', model: 'Example GPU', driver: '1' };
export const gpuMachine = {
  cpu: 'Example CPU',
  os: { value: 'Debian 13', reason: null },
  os_release: '6.12',
  nx_study: '0.9.0',
  accelerators: [gpu, gpu],
};

/** Writes the reports of these attempts. @returns the files by name, parsed, and the lines for a person. */
export async function written(
  attempts: Record<string, Omit<Attempt, 'id'>>,
  plan = planOf(Object.fromEntries(Object.keys(attempts).map((label) => [label, {}]))),
) {
  const { workspaceRoot, write, results } = await workspaceOf(plan);
  for (const [label, attempt] of Object.entries(attempts))
    await write({ kind: 'llm-inference', ...attempt, id: `${label}-1a2b3c4d` });
  const again = async () => writeBenchmarkReports(workspaceRoot, FOLDER, await results());
  const { files, lines } = await again();
  const paths = files.map((file) => join(workspaceRoot, FOLDER, file));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  // As PyYAML reads it.
  const reports: Report[] = texts.map((text) => parse(text, { version: '1.1' }));
  return { workspaceRoot, files, lines, paths, reports, write, again, results };
}
