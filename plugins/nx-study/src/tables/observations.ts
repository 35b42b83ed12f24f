import { isAbsent } from '../base/known.ts';
import type { Observation, ObservedVariable } from '../kinds/kind.ts';
import type { Results } from '../state/rows.ts';
import { columnOf } from './column.ts';
import type { Table } from './column.ts';
import { longTable, measured, partsOf } from './of-measurement.ts';
import type { LineOf } from './of-measurement.ts';

interface Line extends LineOf {
  of: ObservedVariable;
  index?: number;
  /** None in the only row of a variable whose observations have no numbers. */
  one?: Observation;
}

const column = columnOf<Line>;

const observations = longTable<Line>(
  'observations',
  'Leave-one-out cross-validation: one row for each observation of each posterior, or one that says why there are no numbers; those of measurements without a result are missing',
  [
    column(
      'variable',
      'text',
      'The observed variable; empty where the worker names none',
      ({ of }) => of.variable ?? undefined,
    ),
    column('observation', 'integer', 'Its place among those of its variable, from 0', ({ index }) => index),
    column(
      'item',
      'text',
      'Its name; only the worst of those that are not reliable have one',
      ({ one }) => one?.item ?? undefined,
    ),
    column('elpd', 'number', 'Expected log predictive density without it, in nats', ({ one }) => one?.elpd),
    column(
      'p_loo',
      'number',
      'Its part of the effective number of parameters: the log density with it less `elpd`',
      ({ one }) => one?.p_loo ?? undefined,
    ),
    column(
      'pareto_k',
      'number',
      'Pareto k of its importance weights; empty where it could not be fitted',
      ({ one }) => one?.pareto_k ?? undefined,
    ),
    column(
      'ess',
      'number',
      'Effective sample size of its importance weights, in draws; too high where it is not reliable',
      ({ one }) => one?.ess ?? undefined,
    ),
    column('reliable', 'boolean', 'Whether its Pareto k is at most the limit', ({ one }) => one?.reliable ?? undefined),
    column(
      'observed_sha256',
      'text',
      'Of the observations of the variable: the same `observation` is the same one only where it is equal',
      ({ of }) => of.observed_sha256 ?? undefined,
    ),
    column('reason', 'text', 'Why there are no numbers', ({ of }) =>
      isAbsent(of.observations) ? of.observations.reason : undefined,
    ),
  ],
);

export const OBSERVATIONS = observations.description;

/** The observations of all measurements, in their order, in parts that fit into memory. */
export const observationsParts = (results: Pick<Results, 'study' | 'rows'>): Generator<Table> =>
  partsOf(observations, linesOf(results));

function* linesOf(results: Pick<Results, 'study' | 'rows'>): Generator<Line> {
  for (const { study, row, stored, kind } of measured(results))
    for (const of of kind.observations?.(stored) ?? [])
      if (isAbsent(of.observations)) yield { study, row, of };
      else for (const [index, one] of of.observations.entries()) yield { study, row, of, index, one };
}
