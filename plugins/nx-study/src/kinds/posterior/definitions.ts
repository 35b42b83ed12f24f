import { orReason, ratio } from '../evidence.ts';
import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { MetricDefinition, Value } from '../kind.ts';
import { lowestEbfmi, smaller, total_s, worst } from './read.ts';
import type { Derived, Payload } from './schema.ts';

export interface Documents {
  payload: Payload | Absent;
  derived: Derived | Absent;
}

export interface Definition extends MetricDefinition {
  of: (documents: Documents) => Value;
}

const measured =
  (path: string, pick: (payload: Payload) => number | null | undefined) =>
  ({ payload }: Documents): Value =>
    isAbsent(payload) ? payload : orReason(pick(payload), payload.reasons, path);

const diagnosed =
  (path: string, pick: (derived: Derived) => number | null | undefined) =>
  ({ derived }: Documents): Value =>
    isAbsent(derived) ? derived : orReason(pick(derived), derived.reasons, path);

const essBulk = ({ derived }: Documents) => worst(derived, 'ess_bulk_min');
const essTail = ({ derived }: Documents) => worst(derived, 'ess_tail_min');
const sample_s = measured('timings.sample_s', ({ timings }) => timings.sample_s);

const pure = { unit: '', main: false, better: null } as const;
const seconds = { unit: 's', main: false, better: 'lower' } as const;

const phase = (name: 'import_s' | 'data_s' | 'build_s' | 'write_s'): Definition => ({
  ...seconds,
  name,
  label: name.slice(0, -2),
  description: `The phase timings.${name}`,
  of: measured(`timings.${name}`, ({ timings }) => timings[name]),
});

/** The most important first. */
export const definitions: Definition[] = [
  {
    ...pure,
    name: 'rhat_max',
    label: 'R-hat',
    main: true,
    better: 'lower',
    description: 'Highest rank-normalised split R-hat of the gated variables',
    of: ({ derived }) => worst(derived, 'rhat_max'),
  },
  {
    ...pure,
    name: 'ess_min',
    label: 'ESS',
    main: true,
    better: 'higher',
    description: 'Lowest effective sample size of the gated variables, bulk or tail',
    of: (documents) => smaller(essBulk(documents), essTail(documents)),
  },
  {
    ...pure,
    name: 'divergences',
    label: 'diverg.',
    main: true,
    better: 'lower',
    description: 'Divergent transitions after tuning, over all chains',
    of: diagnosed('divergences', ({ divergences }) => divergences),
  },
  {
    ...pure,
    name: 'ebfmi_min',
    label: 'E-BFMI',
    main: true,
    better: 'higher',
    description: 'Lowest energy Bayesian fraction of missing information of a chain',
    of: ({ derived }) => (isAbsent(derived) ? derived : lowestEbfmi(derived)),
  },
  {
    ...seconds,
    name: 'sample_s',
    label: 'sampling',
    main: true,
    description: 'Sampling, tuning included',
    of: sample_s,
  },
  {
    name: 'ess_bulk_per_sample_s',
    label: 'bulk ESS',
    unit: '1/s',
    main: true,
    better: 'higher',
    description: 'ess_bulk_min / sample_s: lowest bulk ESS of the gated variables per second of tuning and sampling',
    of: (documents) => ratio(essBulk(documents), sample_s(documents), 'sample_s'),
  },
  {
    name: 'rss_peak_bytes',
    label: 'RSS peak',
    unit: 'bytes',
    main: true,
    better: 'lower',
    description: "Peak resident memory of the worker's process",
    of: measured('memory.rss_peak_bytes', ({ memory }) => memory.rss_peak_bytes),
  },
  {
    ...seconds,
    name: 'compile_s',
    label: 'compiling',
    main: true,
    description: 'Compilation of the model; less when a compile cache is warm',
    of: measured('timings.compile_s', ({ timings }) => timings.compile_s),
  },
  {
    ...seconds,
    name: 'total_s',
    label: 'total',
    main: true,
    description: 'All phases that the worker timed',
    of: ({ payload }) => (isAbsent(payload) ? payload : total_s(payload)),
  },
  {
    ...pure,
    name: 'ess_bulk_min',
    label: 'bulk ESS',
    better: 'higher',
    description: 'Lowest bulk ESS of the gated variables',
    of: essBulk,
  },
  {
    ...pure,
    name: 'ess_tail_min',
    label: 'tail ESS',
    better: 'higher',
    description: 'Lowest tail ESS of the gated variables',
    of: essTail,
  },
  {
    ...pure,
    name: 'tree_depth_hits',
    label: 'tree limit',
    better: 'lower',
    description: 'Draws whose trajectory reached the limit of the tree depth: slow, not wrong',
    of: diagnosed('tree_depth.at_limit', ({ tree_depth }) => tree_depth?.at_limit),
  },
  {
    ...pure,
    name: 'tree_depth_max',
    label: 'tree depth',
    description: 'Deepest trajectory: 2^depth − 1 gradients',
    of: diagnosed('tree_depth.max', ({ tree_depth }) => tree_depth?.max),
  },
  {
    ...pure,
    name: 'gradients',
    label: 'gradients',
    better: 'lower',
    description: 'Gradient evaluations after tuning, over all chains',
    of: diagnosed('gradients', ({ gradients }) => gradients),
  },
  {
    ...pure,
    name: 'draws_kept',
    label: 'draws',
    description: 'Draws after tuning, over all chains',
    of: diagnosed('draws_kept', ({ draws_kept }) => draws_kept && draws_kept.chains * draws_kept.draws),
  },
  {
    ...pure,
    name: 'observations',
    label: 'observations',
    description: 'Observed values',
    of: measured('observations', (one) => one.observations),
  },
  {
    ...pure,
    name: 'parameters',
    label: 'parameters',
    description: 'Free parameters of the model',
    of: measured('parameters', (one) => one.parameters),
  },
  phase('import_s'),
  phase('data_s'),
  phase('build_s'),
  phase('write_s'),
];
