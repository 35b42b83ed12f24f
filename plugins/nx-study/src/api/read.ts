import { comparisonsOf } from '../comparisons/compare.ts';
import { comparisonsTable } from '../comparisons/table.ts';
import { withElsewhere } from '../state/elsewhere.ts';
import { gather } from '../state/gather.ts';
import { measurementsTable } from '../tables/measurements.ts';
import { observationsParts } from '../tables/observations.ts';
import { samplesParts } from '../tables/samples.ts';
import { measurementOf } from './measurement.ts';
import { rootOf } from './place.ts';
import type { Place } from './place.ts';
import { studyOf } from './study.ts';
import { rowsOf, tableOf } from './table.ts';
import type { Comparison, Observation, Results, Sample } from './types.ts';

export interface ReadOptions extends Place {
  /**
   * Folders with results of other machines, as of `report --from`: each a workspace, its `results`, or the study's folder in
   * it; relative to the workspace, or absolute.
   */
  from?: readonly string[];
}

/**
 * Reads what was measured of a study, with the states that it has by the files as they are now. Measures nothing, takes no
 * lock and writes nothing; where nobody has asked before, it hashes the files of the study, which takes a while for large ones.
 * @throws StudyError with everything that is wrong with the study; Error where `workspaceRoot` is none, the plugin's options
 * in nx.json are wrong, a worker's files can't be used, a folder of `from` holds no results of the study, or a link stands in the place of results.
 */
export async function readResults(name: string, { from = [], ...place }: ReadOptions = {}): Promise<Results> {
  const workspaceRoot = rootOf(place);
  const gathered = await gather(workspaceRoot, name, { remember: false });
  const results = await withElsewhere(workspaceRoot, gathered, from);
  return {
    study: studyOf(workspaceRoot, gathered.plan),
    measurements: results.rows.map(measurementOf),
    table: () => tableOf(measurementsTable(results)),
    comparisons: (metrics) => [...rowsOf<Comparison>(comparisonsTable(name, comparisonsOf(results, metrics ?? null)))],
    *samples() {
      for (const part of samplesParts(results)) yield* rowsOf<Sample>(part);
    },
    *observations() {
      for (const part of observationsParts(results)) yield* rowsOf<Observation>(part);
    },
    unusable: results.unusable.map(({ directory, id, damage }) => ({ directory, id, reason: damage.message })),
  };
}
