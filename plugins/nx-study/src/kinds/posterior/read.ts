import { orReason, total } from '../evidence.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Value } from '../kind.ts';
import { PRIOR } from './schema.ts';
import type { Derived, Payload, Variable } from './schema.ts';

type Diagnostic = 'rhat_max' | 'ess_bulk_min' | 'ess_tail_min';

/** The worst value of a diagnostic over gated variables; absent when one of them is: an unknown may be the worst. */
export function worst(derived: Derived | Absent, diagnostic: Diagnostic): Value {
  if (isAbsent(derived)) return derived;
  const gated = Object.entries(derived.variables).filter(([, variable]) => variable.gated);
  if (gated.length === 0) return absent(derived.reasons.variables ?? 'no variable is gated');
  let result = diagnostic === 'rhat_max' ? -Infinity : Infinity;
  for (const [name, variable] of gated) {
    const value = variableValue(derived, name, variable, diagnostic);
    if (isAbsent(value)) return absent(`${name}: ${value.reason}`);
    result = diagnostic === 'rhat_max' ? Math.max(result, value) : Math.min(result, value);
  }
  return result;
}

export const variableValue = (
  derived: Derived,
  name: string,
  variable: Variable,
  key: Diagnostic | 'mcse_mean_max' | 'mcse_sd_max',
): Value => orReason(variable[key], derived.reasons, `variables.${name}.${key}`);

/** The lowest E-BFMI; absent when that of one chain is. */
export function lowestEbfmi(derived: Derived): Value {
  const { ebfmi, ebfmi_min, reasons } = derived;
  const unknown = ebfmi?.indexOf(null) ?? -1;
  return unknown === -1 ? orReason(ebfmi_min, reasons, 'ebfmi_min') : orReason(null, reasons, `ebfmi.${unknown}`);
}

/** Phases that draws from the prior don't have. */
const OF_SAMPLING = new Set(['compile_s', 'sample_s']);

/** The sum of all phases that the worker timed. */
export function total_s({ timings, reasons, sampler }: Payload): Value {
  const phases = Object.entries(timings).filter(
    ([name]) => name.endsWith('_s') && !(sampler.name === PRIOR && OF_SAMPLING.has(name)),
  );
  return total(
    phases.map(([name, value]) => orReason(typeof value === 'number' ? value : null, reasons, `timings.${name}`)),
  );
}

export function smaller(a: Value, b: Value): Value {
  if (isAbsent(a)) return a;
  return isAbsent(b) ? b : Math.min(a, b);
}
