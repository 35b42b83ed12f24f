import { comparisonsOf } from '../../../../plugins/nx-study/src/comparisons/compare.ts';
import type { Safe } from '../../../../plugins/nx-study/src/figures/html.ts';
import type { PageInput } from '../../../../plugins/nx-study/src/page/input.ts';
import { llmPage } from '../../../../plugins/nx-study/src/page/llm/llm-page.ts';
import { studyPage } from '../../../../plugins/nx-study/src/page/study-page.ts';
import type { Experiment, Plan } from '../../../../plugins/nx-study/src/plan/types.ts';
import type { Attempt } from '../../commands/report/workspace.ts';
import { planOf, workspaceOf } from '../../commands/report/workspace.ts';
import { payloadOf, requestOf, servedOf } from '../../kinds/llm-inference/payload.ts';
import { unescaped } from '../../../helpers/svg.ts';

/** An experiment, and its payload in each repetition; null where it wasn't measured. */
export interface Measured {
  varied?: Experiment['varied'];
  payloads: (object | null)[];
}

/** The page of a study of language models; the first experiment is the baseline. */
export async function pageOf(
  experiments: Record<string, Measured>,
  of: (label: string, repetition: number) => Partial<Attempt> = () => ({}),
  changes: Partial<Plan> = {},
) {
  const labels = Object.keys(experiments);
  const times = Math.max(...Object.values(experiments).map(({ payloads }) => payloads.length));
  const settings = Object.entries(experiments).map(([label, { varied = {} }]) => [
    label,
    { worker: 'llama-cpp', varied },
  ]);
  const plan = planOf(Object.fromEntries(settings), times, { baseline: [`${labels[0]}-1a2b3c4d`], ...changes });
  const { write, results } = await workspaceOf(plan);
  for (const [label, { payloads }] of Object.entries(experiments))
    for (const [index, payload] of payloads.entries()) {
      const id = `${label}-1a2b3c4d${index === 0 ? '' : `-r${index + 1}`}`;
      if (payload !== null) await write({ id, kind: 'llm-inference', payload, ...of(label, index + 1) });
    }
  const found = await results();
  const source = { study: null, studyFile: 'studies/s/study.yaml', version: '1.0.0', files: [] };
  const input: PageInput = { results: found, comparisons: comparisonsOf(found), source };
  const sections = llmPage.sections(input);
  return {
    input,
    answer: llmPage.answer!(input),
    ids: sections.map(({ id }) => id),
    /** The markup of a section; empty without it. */
    section: (id: string): Safe | { text: string } => sections.find((one) => one.id === id)?.body ?? { text: '' },
    /** The words of a section but for its drawings and tables. */
    words: (id: string): string => wordsOf(sections.find((one) => one.id === id)?.body.text ?? ''),
    page: () => studyPage(input),
  };
}

const wordsOf = (markup: string): string =>
  unescaped(
    markup
      .replaceAll(/<svg.*?<\/svg>|<table.*?<\/table>/gs, '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  ).trim();

interface Batch {
  batch?: number;
  prompt?: number;
  ttft_s?: number;
  /** From one token to the next. */
  gap_s?: number;
  calls?: number;
  rss_bytes?: number;
}

/** A batch of an engine, five tokens each; all calls alike. */
export function batchOf({
  batch = 1,
  prompt = 10,
  ttft_s = 0.1,
  gap_s = 0.05,
  calls = 6,
  rss_bytes = 3e8,
}: Batch): object {
  const times = [0, 1, 2, 3, 4].map((step) => ttft_s + step * gap_s);
  const prompts = Array.from({ length: batch }, () => prompt);
  return {
    mode: 'offline',
    batch_size: batch,
    order: 0,
    prompt_tokens: prompt,
    new_tokens: 5,
    warmup: { samples_s: [0.9, 0.5], converged: true, target_cv: 0.05, cv: 0.02 },
    stopped_by: 'enough',
    memory: {
      sample_period_s: 0.1,
      rss_before_bytes: 4e7,
      rss_peak_bytes: rss_bytes,
      kv_cache_bytes: 1e6,
      torch_allocated_peak_bytes: null,
      torch_reserved_peak_bytes: null,
      process_vram_peak_bytes: null,
      device_vram_before_bytes: null,
      device_vram_peak_bytes: null,
    },
    energy: { status: 'unavailable', reason: 'no_gpu_no_rapl' },
    generate: Array.from({ length: calls }, (_, index) => ({
      start_s: 5 + index,
      prompt_tokens: prompts,
      new_tokens: prompts.map(() => 5),
      token_times_s: prompts.map(() => times),
    })),
    prefill: [{ start_s: 90, elapsed_s: ttft_s, prompt_tokens: prompts }],
    prefill_method: 'forward',
  };
}

/** Three repetitions of a batch, which differ by 1 % and so have intervals. */
export const repeated = (batch: Batch): object[] =>
  [0.99, 1, 1.01].map((factor) =>
    payloadOf([batchOf({ ...batch, ttft_s: factor * (batch.ttft_s ?? 0.1), gap_s: factor * (batch.gap_s ?? 0.05) })]),
  );

interface Load {
  users: number;
  ttft_s: number;
  /** Of the whole server. */
  tok_s: number;
  requests?: object[];
}

/** Users of a server that makes so many tokens per second. */
export function loadOf({ users, ttft_s, tok_s, requests = [] }: Load): object {
  const each_s = (users * 3) / tok_s;
  const chunk_times_s = [ttft_s, (ttft_s + each_s) / 2, Math.max(each_s, ttft_s + 0.002)];
  const all = Array.from({ length: 5 * users }, (_, index) =>
    requestOf({ start_s: Math.floor(index / users) * each_s, chunk_times_s, end_s: chunk_times_s[2] }),
  );
  return servedOf([...all, ...requests], { concurrency: users, window: { from_s: 0, to_s: 5 * each_s } });
}

export const loadedOf = (load: Load): object[] =>
  [0.99, 1, 1.01].map((factor) =>
    payloadOf([loadOf({ ...load, ttft_s: factor * load.ttft_s, tok_s: factor * load.tok_s })]),
  );
