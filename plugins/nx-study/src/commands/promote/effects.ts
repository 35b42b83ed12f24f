import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import { combinations } from '../../plan/drafts.ts';
import type { Draft } from '../../plan/drafts.ts';
import { readOutline } from '../../plan/outline.ts';
import type { Study } from '../../plan/study.ts';
import type { Experiment, Plan } from '../../plan/types.ts';
import { contracts } from '../../study/make.ts';
import type { KnownWorkers } from '../../study/make.ts';
import { changesBetween } from './differences.ts';
import { effectText } from './texts.ts';

/**
 * What another base changes in the experiments of a study: a line for each that changes, with the settings in which its
 * configurations differ, defaults included.
 * @param after - the same study but for its base, and its plan; null where it has none.
 */
export function effectsOn(
  before: { study: Study; plan: Plan },
  after: { study: Study; plan: Plan | null },
  workers: KnownWorkers,
): string[] {
  const { known, checkers } = contracts(before.study, workers);
  const resolved = ({ worker, written }: Draft | Experiment): JsonObject =>
    checkers.get(worker)!(written).configuration;
  const keyOf = (one: Draft | Experiment) => `${one.worker}\0${canonicalJson(resolved(one))}`;
  const draftsOf = (study: Study): Draft[] => {
    const { crossed, explicit } = readOutline(study, known, []);
    return [...crossed.flatMap(({ worker, base, dimensions }) => combinations(worker, base, dimensions)), ...explicit];
  };
  const labels = new Map(before.plan.experiments.map((experiment) => [keyOf(experiment), experiment.label]));
  const planned = after.plan && new Set(after.plan.experiments.map(keyOf));
  const drafts = draftsOf(after.study);
  const lines = draftsOf(before.study).flatMap((draft, index) => {
    const [label, now] = [labels.get(keyOf(draft)), drafts[index]!];
    const changes = changesBetween(resolved(draft), resolved(now));
    const isLost = planned !== null && !planned.has(keyOf(now));
    return label === undefined || changes.length === 0 ? [] : [effectText({ label, changes, isLost })];
  });
  // Equal combinations are one experiment.
  return [...new Set(lines)];
}
