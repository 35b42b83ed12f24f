import { summary } from '../../state/estimate.ts';
import type { Estimate } from '../../state/estimate.ts';
import type { Planned } from './plan.ts';

export type Estimator = (planned: Planned) => Estimate | null;

export interface Time {
  id: string;
  elapsed_s: number;
}

/** How long measurements of a plan take, from those of it that were measured: of the same experiment, else of the same worker. */
export function estimator(plan: readonly Planned[], times: readonly Time[]): Estimator {
  const planned = new Map(plan.map((one) => [one.id, one]));
  const experiments = new Map<string, number[]>();
  const workers = new Map<string, number[]>();
  for (const { id, elapsed_s } of times) {
    const one = planned.get(id);
    if (!one) continue;
    push(experiments, one.experiment, elapsed_s);
    push(workers, one.worker, elapsed_s);
  }
  const known = new Map<string, Estimate | null>();
  return ({ experiment, worker }) => {
    if (!known.has(experiment))
      known.set(
        experiment,
        summary(experiments.get(experiment) ?? [], 'same experiment') ??
          summary(workers.get(worker) ?? [], 'same study and worker'),
      );
    return known.get(experiment)!;
  };
}

function push(groups: Map<string, number[]>, key: string, value: number): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
