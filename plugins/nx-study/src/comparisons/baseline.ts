import { canonicalJson } from '../base/canonical.ts';
import { groupBy } from '../base/group-by.ts';
import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import type { Alternative } from './alternatives.ts';
import { comparisonTexts as texts } from './texts.ts';

/**
 * The alternative that another one is compared with: of those that the study names as its baseline the one of the same
 * workload and machine. Where several are, the one that agrees with it on the most axes.
 * @returns Absent where there is none, or no single one, and for a baseline itself.
 */
export function baselineFor(alternative: Alternative, all: readonly Alternative[]): Alternative | Absent {
  if (alternative.isBaseline) return absent(texts.isBaseline);
  const named = all.filter(({ isBaseline }) => isBaseline);
  if (named.length === 0) return absent(texts.noBaseline);
  const { host, workload } = alternative;
  return nearestOf(
    alternative,
    named.filter((one) => one.host === host && one.workload === workload),
  );
}

/** The same for what does not depend on the machine: the baseline on each machine. */
export function baselineOnMachines(alternative: Alternative, all: readonly Alternative[]): Alternative[] | Absent {
  if (alternative.isBaseline) return absent(texts.isBaseline);
  const named = all.filter(({ isBaseline, workload }) => isBaseline && workload === alternative.workload);
  const experiments = groupBy(named, ({ experiment }) => experiment);
  const nearest = nearestOf(
    alternative,
    [...experiments.values()].map(([first]) => first!),
  );
  return isAbsent(nearest) ? nearest : experiments.get(nearest.experiment)!;
}

function nearestOf(alternative: Alternative, fitting: readonly Alternative[]): Alternative | Absent {
  const { host, workload } = alternative;
  if (fitting.length === 0) return absent(texts.noSuchBaseline(host, workload));
  const agreement = fitting.map((one) => sharedAxes(one, alternative));
  const most = Math.max(...agreement);
  const nearest = fitting.filter((_, index) => agreement[index] === most);
  return nearest.length === 1 ? nearest[0]! : absent(texts.severalBaselines(nearest.map(({ name }) => name)));
}

/** On how many axes both have the same value. */
function sharedAxes(one: Alternative, other: Alternative): number {
  return Object.entries(one.varied).filter(
    ([axis, value]) => Object.hasOwn(other.varied, axis) && canonicalJson(other.varied[axis]!) === canonicalJson(value),
  ).length;
}
