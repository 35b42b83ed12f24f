import { saturationOf } from './saturation.ts';
import type { Saturation } from './saturation.ts';
import { alikeBut } from './series.ts';
import { estimateOf, latencyOf, throughputOf, waitOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';
import type { ServerMode } from './texts.ts';

/** Subjects that differ only in the load that they put on a server. */
export interface Ladder {
  name: string;
  /** At the beginning of a sentence. */
  called: string;
  mode: ServerMode;
  /** In the order of their load. */
  rungs: Subject[];
  saturation: Saturation | null;
}

/**
 * Ladders of closed loops and those of open loops, whose loads can't share an axis; those of embeddings apart.
 * @param least - how many rungs make a ladder.
 */
export function laddersIn(subjects: readonly Subject[], least = 2): Ladder[][] {
  return KINDS.flatMap(({ mode, embeds }) => {
    const found = alikeBut(
      subjects.filter((one) => one.mode === mode && one.embeds === embeds && one.load !== null),
      ['load'],
    ).filter(([, rungs]) => rungs.length >= least);
    const called = (name: string) => (found.length === 1 ? texts.theServer : name);
    return found.length === 0
      ? []
      : [found.map(([name, rungs]) => ({ name, called: called(name), mode, rungs, saturation: saturationIn(rungs) }))];
  });
}

const KINDS = (['closed-loop', 'open-loop'] as const).flatMap((mode) =>
  [false, true].map((embeds) => ({ mode, embeds })),
);

const saturationIn = (rungs: readonly Subject[]): Saturation | null =>
  saturationOf(
    rungs.map((one) => ({
      load: one.load!,
      throughput: estimateOf(one, throughputOf(one).metric),
      latency: estimateOf(one, latencyOf(one, waitOf(one).series)),
    })),
  );
