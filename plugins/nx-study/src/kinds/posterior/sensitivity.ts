import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Finding } from '../../record/schema.ts';
import { toMetric } from '../kind.ts';
import type { Fact, Metric } from '../kind.ts';
import type { Sensitivity } from './checks-schema.ts';
import type { Derived } from './schema.ts';
import { posteriorTexts as texts } from './texts.ts';

export const NOT_SENSITIVE = 'none';
const BY_CHANCE = 'within Monte Carlo noise';

const sides = ['prior', 'likelihood'] as const;

/** How far each quantity hangs on prior and likelihood; none for a worker that doesn't compute it. */
export function sensitivityMetrics(derived: Derived | Absent): Metric[] {
  return inOrder(derived).flatMap(([name, one]) =>
    sides.map((side) =>
      toMetric(
        {
          name: `${name}.${side}_sensitivity`,
          label: `${side} sens. ${name}`,
          unit: '',
          main: false,
          better: null,
          description: texts.sensitivity(name, side),
        },
        one[side],
      ),
    ),
  );
}

/** What that means, of each quantity. */
export const sensitivityFacts = (derived: Derived | Absent): Fact[] =>
  inOrder(derived).map(([name, { diagnosis }]) => ({
    name: `${name}.sensitivity`,
    label: `sensitivity ${name}`,
    value: diagnosis,
    main: false,
  }));

/** A diagnosis of a main quantity. */
export function sensitivityFindings(derived: Derived | Absent): Finding[] {
  const found = inOrder(derived).filter(
    ([name, { diagnosis }]) =>
      ![NOT_SENSITIVE, BY_CHANCE].includes(diagnosis) && !isAbsent(derived) && derived.estimates?.[name]?.main === true,
  );
  return found.map(([name, one]) => ({ code: 'prior-sensitivity', message: texts.isSensitive({ name, ...one }) }));
}

const inOrder = (derived: Derived | Absent): [string, Sensitivity['estimates'][string]][] =>
  isAbsent(derived) ? [] : Object.entries(derived.sensitivity?.estimates ?? {});
