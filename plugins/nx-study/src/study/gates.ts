import { findKind } from '../kinds/index.ts';
import type { Gate } from '../kinds/kind.ts';
import type { Experiment, Plan } from '../plan/types.ts';
import { studyTexts } from '../plan/texts.ts';
import type { Worker } from '../worker/manifest.ts';
import type { Problem } from '../yaml/problem.ts';

type Known = ReadonlyMap<string, Worker>;

/** The gates that a study sets and that judge none of its experiments: each of them would silently never fail. */
export function idleGates({ gates, experiments }: Pick<Plan, 'gates' | 'experiments'>, workers: Known): Problem[] {
  const judging = new Set(experiments.flatMap((one) => concerning(one, workers).map(({ name }) => name)));
  return Object.keys(gates)
    .filter((name) => !judging.has(name))
    .map((name) => ({ at: ['gates', name], key: true, ...studyTexts.idleGate(name) }));
}

/** The experiments that no gate judges although their kind has gates: by their settings there is nothing to judge. */
export const unjudged = ({ experiments }: Pick<Plan, 'experiments'>, workers: Known): Experiment[] =>
  experiments.filter((one) => gatesOf(one, workers).length > 0 && concerning(one, workers).length === 0);

const concerning = (one: Experiment, workers: Known): Gate[] =>
  gatesOf(one, workers).filter(({ concerns }) => concerns?.(one.configuration) ?? true);

const gatesOf = ({ worker }: Experiment, workers: Known): readonly Gate[] =>
  findKind(workers.get(worker)?.manifest.kind ?? '')?.gates ?? [];
