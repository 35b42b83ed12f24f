import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { derivedOf, reasonOf } from '../evidence.ts';
import type { Evidence, Observation, ObservedVariable } from '../kind.ts';
import { derivedSchema } from './schema.ts';
import type { Derived, Loo } from './schema.ts';
import { posteriorTexts as texts } from './texts.ts';

/** Leave-one-out cross-validation of one observed variable. */
interface LooOfOne {
  variable: string | null;
  /** null with a reason. */
  loo: Loo | null;
  /** The path in `derived.json`. */
  at: string;
}

/** Of each observed variable, in their order. */
export function looOfEach({ loo, loo_by }: Pick<Derived, 'loo' | 'loo_by'>): LooOfOne[] {
  if (loo_by === undefined) return loo === undefined ? [] : [{ variable: loo?.variable ?? null, loo, at: 'loo' }];
  // An object has names that look like numbers first.
  const names = loo?.variables ?? Object.keys(loo_by);
  return names.map((variable) => ({ variable, loo: loo_by[variable] ?? null, at: `loo_by.${variable}` }));
}

/** The elpd of each observation, variable after variable. */
export function elpdOfEach(derived: Derived): number[] | Absent {
  const found = looOfEach(derived).map((one) => elpdOf(one, derived));
  return found.find((one) => isAbsent(one)) ?? found.flatMap((one) => (isAbsent(one) ? [] : one));
}

const elpdOf = ({ loo, at }: LooOfOne, { reasons }: Derived): number[] | Absent =>
  loo?.elpd_i ?? absent(reasonOf(reasons, `${at}.elpd_i`) ?? texts.notKept);

/** One entry without a variable where `derived.json` says nothing of any. */
export function observationsOf(evidence: Evidence): ObservedVariable[] {
  const derived = derivedOf(evidence, derivedSchema);
  const all = isAbsent(derived) ? [] : looOfEach(derived);
  if (isAbsent(derived) || all.length === 0) {
    const observations = isAbsent(derived) ? derived : absent(texts.noLoo);
    return [{ variable: null, observed_sha256: null, observations }];
  }
  return all.map((one) => {
    const { variable, loo } = one;
    const elpd = elpdOf(one, derived);
    const observations = isAbsent(elpd) ? elpd : eachOf(loo!, elpd);
    return { variable, observed_sha256: loo?.observed_sha256 ?? null, observations };
  });
}

function eachOf({ p_loo_i, pareto_k_i, ess_i, pareto_k }: Loo, elpd_i: readonly number[]): Observation[] {
  const names = new Map(pareto_k.worst?.map(({ observation, item }) => [observation, item]));
  const unreliable = pareto_k.at && new Set(pareto_k.at);
  return elpd_i.map((elpd, index) => ({
    item: names.get(index) ?? null,
    elpd,
    p_loo: p_loo_i?.[index] ?? null,
    pareto_k: pareto_k_i?.[index] ?? null,
    ess: ess_i?.[index] ?? null,
    reliable: unreliable ? !unreliable.has(index) : null,
  }));
}
