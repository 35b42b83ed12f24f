import { plural } from '../../../base/layout.ts';

/** Texts of Benchmark Reports for people, and of what is printed about them. */
export const llmdTexts = {
  unreadable: 'with a result that can’t be read',
  otherKind: (kind: string) => `of kind ${kind}`,
  leftOut: (reason: string, ids: string[]) => `${ids.length} ${reason} (${ids.join(', ')})`,
  written: (count: number, folder: string) => `llm-d Benchmark Reports: ${plural(count, 'file')} in ${folder}`,
  nothing: 'llm-d Benchmark Reports: none, as no measured workload is of kind llm-inference',
  without: (reasons: string[]) => `Left out of them: ${reasons.join('; ')}`,
  weakened: (messages: string[]) => `What weakens the numbers: ${messages.join(' ')}`,
  latencies: {
    served: 'Latencies: of successful requests. Throughput: of the whole span, its beginning and drain included.',
    offline:
      'Calls of an engine without a server, each with a batch of sequences that start together. TTFT, TPOT and ITL: of sequences. Throughput: of calls.',
  },
  workload: (name: string | null, place: number, of: number) =>
    `${name ?? 'one workload'}${of > 1 ? `, workload ${place} of ${of} in one process` : ''}`,
  host: {
    served: 'The machine that sent the requests; the server may run on another one',
    offline: 'The machine that the engine ran on',
  },
};
