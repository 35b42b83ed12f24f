import type { Sha256 } from '../../../base/canonical.ts';
import type { JsonObject } from '../../../base/json.ts';
import { defined } from './defined.ts';
import type { Exported } from './exported.ts';
import { resultsPart } from './results.ts';
import { scenarioPart } from './scenario.ts';
import { llmdTexts as texts } from './texts.ts';

/** The revision of the format. */
const VERSION = '0.2.1';

/**
 * A Benchmark Report of llm-d about one workload
 * (https://github.com/llm-d/llm-d-benchmark, docs/benchmark_report.md). What is unknown is left out.
 */
export const benchmarkReportOf = (exported: Exported, hash: Sha256): JsonObject => ({
  version: VERSION,
  run: runPart(exported),
  scenario: scenarioPart(exported, hash),
  results: resultsPart(exported),
});

function runPart({ row, record, workload }: Exported): JsonObject {
  const { study, id, digest, started_at, ended_at, elapsed_s } = record;
  const latencies = workload.mode === 'offline' ? texts.latencies.offline : texts.latencies.served;
  const messages = row.findings.map(({ message }) => (/[.!?]$/.test(message) ? message : `${message}.`));
  return {
    // Several machines may have measured the same.
    uid: [study, id, digest, started_at, ...(row.part.of > 1 ? [row.part.index + 1] : [])].join('/'),
    eid: study,
    time: defined({
      start: started_at,
      end: ended_at ?? undefined,
      duration: elapsed_s === null ? undefined : `PT${elapsed_s.toFixed(3)}S`,
    }),
    description: [latencies, ...(messages.length > 0 ? [texts.weakened(messages)] : [])].join(' '),
    ...(row.findings.length > 0 && { keywords: [...new Set(row.findings.map(({ code }) => code))] }),
  };
}
