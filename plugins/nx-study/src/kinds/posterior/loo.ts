import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { orReason } from '../evidence.ts';
import { toMetric } from '../kind.ts';
import type { Metric, MetricDefinition } from '../kind.ts';
import type { Finding } from '../../record/schema.ts';
import type { Derived, Loo } from './schema.ts';
import { posteriorTexts as texts } from './texts.ts';

interface LooDefinition extends MetricDefinition {
  /** Within `loo`. */
  path: string;
  of: (loo: Loo) => number | null;
}

const pure = { unit: '', main: false, better: null, compared: 'by observation' } as const;

const definitions: LooDefinition[] = [
  {
    ...pure,
    name: 'elpd_loo',
    label: 'elpd LOO',
    better: 'higher',
    description:
      'Expected log predictive density in nats, one observation left out at a time (PSIS-LOO; Vehtari, Gelman and Gabry 2017, doi:10.1007/s11222-016-9696-4). Only differences over the same observations have a meaning.',
    path: 'elpd_loo',
    of: ({ elpd_loo }) => elpd_loo,
  },
  {
    ...pure,
    name: 'elpd_loo_se',
    label: 'elpd se',
    description: 'Standard error of elpd_loo over observations; that of a difference is mostly much smaller',
    path: 'se',
    of: ({ se }) => se,
  },
  {
    ...pure,
    name: 'p_loo',
    label: 'p LOO',
    description: 'Effective number of parameters by PSIS-LOO',
    path: 'p_loo',
    of: ({ p_loo }) => p_loo,
  },
  {
    ...pure,
    name: 'pareto_k_above',
    label: 'bad k',
    better: 'lower',
    compared: 'of one basis',
    description:
      'Observations whose Pareto k is above its limit (0.7, or less with few draws): their part of elpd_loo is not reliable',
    path: 'pareto_k.above',
    of: ({ pareto_k }) => pareto_k.above,
  },
  {
    ...pure,
    name: 'loo_ess_min',
    label: 'LOO ESS',
    better: 'higher',
    compared: 'of one basis',
    description:
      'The smallest effective sample size of the importance weights of one observation, in draws; too high for one whose Pareto k is above its limit',
    path: 'ess_min',
    of: ({ ess_min = null }) => ess_min,
  },
];

/** Of leave-one-out cross-validation, and of each observed variable where there are several; none for a worker that doesn't compute it. */
export function looMetrics(derived: Derived | Absent): Metric[] {
  if (isAbsent(derived)) return [];
  const { loo, loo_by = {}, reasons } = derived;
  const all = loo === undefined ? [] : metricsOf(loo, reasons, 'loo');
  const each = Object.entries(loo_by).flatMap(([variable, one]) =>
    metricsOf(one, reasons, `loo_by.${variable}`).map((metric) => ({
      ...metric,
      name: `${metric.name}.${variable}`,
      label: `${metric.label} ${variable}`,
      description: `Of the observed variable ${variable} alone. ${metric.description}`,
    })),
  );
  return [...all, ...each];
}

const metricsOf = (loo: Loo | null, reasons: Derived['reasons'], at: string): Metric[] =>
  definitions.map(({ of, path, ...definition }) =>
    toMetric(definition, orReason(loo && of(loo), reasons, `${at}.${path}`)),
  );

const MOST_NAMES = 3;

/** What weakens the elpd: potentials, of which nothing is left out, and observations that are not reliable. */
export function looFindings(derived: Derived | Absent): Finding[] {
  if (isAbsent(derived)) return [];
  const { loo, loo_by = {} } = derived;
  const shown = loo ? [loo] : Object.values(loo_by).filter((one) => one !== null);
  const partial = loo && loo.potentials.length > 0;
  return [
    ...(partial ? [{ code: 'loo-partial', message: texts.partialElpd(loo.potentials) }] : []),
    ...shown.filter(({ pareto_k }) => pareto_k.above > 0).map(findingOf),
  ];
}

function findingOf({ observations, pareto_k: { above, limit, worst = [] } }: Loo): Finding {
  const names = worst.slice(0, MOST_NAMES).map(({ item }) => item);
  return { code: 'loo-unreliable', message: texts.unreliable({ above, observations, limit, names }) };
}
