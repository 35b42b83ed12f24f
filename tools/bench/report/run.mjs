import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../statistics.mjs';
import { measuredWorkspace } from './study.mjs';

/** Times the report of studies of these sizes, with ten metrics each, and prints a Markdown table. */
export async function benchReport(counts, rounds) {
  console.log('| report of | time | its CPU time | peak memory | page | measurements.parquet | measurements.csv |');
  console.log('|---|---|---|---|---|---|---|');
  for (const count of counts) {
    const root = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
    try {
      const study = await measuredWorkspace(root, count);
      const once = () =>
        JSON.parse(
          execFileSync(process.execPath, [join(import.meta.dirname, 'report.mjs'), root, study], { encoding: 'utf8' }),
        );
      const runs = Array.from({ length: rounds }, once);
      const of = (key) => median(runs.map((run) => run[key]));
      const megabytes = (file) =>
        `${(statSync(join(root, 'results', study, 'report', file)).size / 1e6).toFixed(2)} MB`;
      console.log(
        `| ${count.toLocaleString('en-US')} measurements | ${of('elapsed_s').toFixed(1)} s | ${of('cpu_s').toFixed(1)} s | ${(of('rss_bytes') / 1e6).toFixed(0)} MB | ${megabytes('index.html')} | ${megabytes('measurements.parquet')} | ${megabytes('measurements.csv')} |`,
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
}
