import { canonicalJson } from '../../base/canonical.ts';
import { groupBy } from '../../base/group-by.ts';
import { valueAt, withValueAt } from '../../base/path.ts';
import type { Row } from '../../state/rows.ts';
import type { Compared } from '../input.ts';
import { freeOfClient } from './client.ts';
import { saturationOf } from './saturation.ts';
import type { Saturation } from './saturation.ts';
import { alikeBut } from './series.ts';
import { estimateOf, latencyOf, subjectsOf, throughputOf, waitOf } from './subjects.ts';
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
  /** Loads at which measurements failed as a whole, so that a rung lacks them, or stands for none. In the order of their load. */
  failed: FailedLoad[];
  saturation: Saturation | null;
}

export interface FailedLoad {
  load: number;
  /** How many measurements of this load failed, of all that ended. */
  failed: number;
  of: number;
  /** Of their failures, without repetition. */
  types: string[];
}

/** The setting of the load, in a study whose loads are no items of `workloads`. */
export type LoadPath = 'load.concurrency' | 'load.rate_per_s';

export const loadPathOf = (mode: ServerMode): LoadPath =>
  mode === 'closed-loop' ? 'load.concurrency' : 'load.rate_per_s';

/** Whether a load is a setting of its measurement: an item of `workloads` has a load of its own. */
export const isLoadSetting = ({ part, configuration }: Row, path: LoadPath, load: number | null): boolean =>
  part.of === 1 && valueAt(configuration, path) === load;

/** The same for two experiments that differ in the load only. */
export const keyWithoutLoad = (
  { worker, configuration }: Pick<Row, 'worker' | 'configuration'>,
  path: LoadPath,
): string => `${worker}\0${canonicalJson(withValueAt(configuration, path, null))}`;

/**
 * Ladders of closed loops and those of open loops, whose loads can't share an axis; those of embeddings apart.
 * @param least - how many rungs make a ladder.
 */
export function laddersIn({ comparisons }: Pick<Compared, 'comparisons'>, least = 2): Ladder[][] {
  const subjects = subjectsOf({ comparisons });
  const rows = comparisons.alternatives.flatMap((alternative) => alternative.rows);
  return KINDS.flatMap(({ mode, embeds }) => {
    const found = alikeBut(
      subjects.filter((one) => one.mode === mode && one.embeds === embeds && one.load !== null),
      ['load'],
    ).filter(([, rungs]) => rungs.length >= least);
    const called = (name: string) => (found.length === 1 ? texts.theServer : name);
    return found.length === 0
      ? []
      : [
          found.map(([name, rungs]) => ({
            name,
            called: called(name),
            mode,
            rungs,
            failed: failedIn(rows, { mode, rungs }),
            // Where the client was the limit, that of the server is not known.
            saturation: saturationIn(freeOfClient(rungs)),
          })),
        ];
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

/** A load that has no setting of its own is not told: another workload of its measurement may be what failed. */
function failedIn(rows: readonly Row[], { mode, rungs }: Pick<Ladder, 'mode' | 'rungs'>): FailedLoad[] {
  const path = loadPathOf(mode);
  const ofSetting = rungs.flatMap((rung) => rung.rows.filter((row) => isLoadSetting(row, path, rung.load)));
  const keys = new Set(ofSetting.map((row) => keyWithoutLoad(row, path)));
  const ended = rows.filter(({ state }) => state === 'failed' || state === 'measured');
  const alike = ended.filter(
    (row) => typeof valueAt(row.configuration, path) === 'number' && keys.has(keyWithoutLoad(row, path)),
  );
  return [...groupBy(alike, ({ configuration }) => valueAt(configuration, path) as number)]
    .map(([load, of]) => {
      const failed = of.filter(({ state }) => state === 'failed');
      const types = new Set(failed.flatMap(({ failure }) => failure?.type ?? []));
      return { load, failed: failed.length, of: of.length, types: [...types] };
    })
    .filter(({ failed }) => failed > 0)
    .toSorted((one, other) => one.load - other.load);
}
