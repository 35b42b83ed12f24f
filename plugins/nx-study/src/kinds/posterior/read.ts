import { absent, isAbsent } from '../kind.ts';
import type { Absent, Value } from '../kind.ts';
import type { Derived, Payload, Variable } from './schema.ts';

type Reasons = Payload['reasons'];
type Diagnostic = 'rhat_max' | 'ess_bulk_min' | 'ess_tail_min';

/** The number at a dotted path, or the reason that its document gives for its absence, or for that of all around it. */
export function orReason(value: number | null | undefined, reasons: Reasons, path: string): Value {
  if (value !== null && value !== undefined) return value;
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.'))))
    if (Object.hasOwn(reasons, at)) return absent(reasons[at]!);
  return absent(`${path} is missing, without a reason`);
}

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

/** The sum of all phases that the worker timed. */
export function total_s({ timings, reasons }: Payload): Value {
  let total = 0;
  for (const [name, value] of Object.entries(timings)) {
    if (!name.endsWith('_s')) continue;
    const part = orReason(typeof value === 'number' ? value : null, reasons, `timings.${name}`);
    if (isAbsent(part)) return part;
    total += part;
  }
  return total;
}

export function smaller(a: Value, b: Value): Value {
  if (isAbsent(a)) return a;
  return isAbsent(b) ? b : Math.min(a, b);
}

export function ratio(numerator: Value, denominator: Value, what: string): Value {
  if (isAbsent(numerator)) return numerator;
  if (isAbsent(denominator)) return denominator;
  return denominator > 0 ? numerator / denominator : absent(`${what} is ${denominator}`);
}
