import type { Finding } from '../../record/schema.ts';
import { derivedOf, payloadOf } from '../evidence.ts';
import { isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Absent } from '../../base/known.ts';
import type { Evidence, Metric, Workload } from '../kind.ts';
import { calibrationMetrics } from './calibration/metrics.ts';
import { definitions } from './definitions.ts';
import type { Documents } from './definitions.ts';
import { estimateMetrics } from './estimates.ts';
import { factsOf } from './facts.ts';
import { looFindings, looMetrics } from './loo.ts';
import { priorFindings, priorMetrics } from './prior/metrics.ts';
import { variableValue } from './read.ts';
import { derivedSchema, payloadSchema } from './schema.ts';
import { sensitivityFindings, sensitivityMetrics } from './sensitivity.ts';
import type { Derived, Payload } from './schema.ts';
import { posteriorTexts as texts } from './texts.ts';

/** The metrics of a posterior, the most important first: the answer, how well it was sampled; then those of each variable. */
export function posteriorWorkloads(evidence: Evidence): Workload[] {
  const documents = {
    payload: payloadOf(evidence, payloadSchema),
    derived: derivedOf(evidence, derivedSchema),
  };
  const ofPrior = priorMetrics(documents.derived);
  const calibrations = calibrationMetrics(documents.payload, documents.derived);
  const others = [
    ...calibrations,
    ...looMetrics(documents.derived),
    ...definitions
      .filter(({ name }) => calibrations.length === 0 || !OF_ONE_FIT.has(name))
      .map(({ of, ...definition }) => toMetric(definition, of(documents))),
    ...variableMetrics(documents.derived),
    ...sensitivityMetrics(documents.derived),
  ];
  if (ofPrior.length > 0)
    return [
      {
        name: null,
        metrics: [...ofPrior, ...others.map(aside)],
        facts: factsOf(documents),
        findings: findingsOf(documents),
      },
    ];
  const estimates = estimateMetrics(documents.derived, new Set(others.map(({ name }) => name)));
  const metrics = [...estimates.filter(({ main }) => main), ...others, ...estimates.filter(({ main }) => !main)];
  return [{ name: null, metrics, facts: factsOf(documents), findings: findingsOf(documents) }];
}

/** What draws from the prior can't have needs no room on screen. */
const aside = (metric: Metric): Metric => (metric.value === null ? { ...metric, main: false } : metric);

const findingsOf = ({ payload, derived }: Documents): Finding[] => [
  ...priorFindings(derived),
  ...[payload, derived].flatMap(warnings),
  ...looFindings(derived),
  ...sensitivityFindings(derived),
];

/** Of several fits of simulated data the ESS of one would stand against the time of all. */
const OF_ONE_FIT = new Set(['ess_bulk_per_sample_s']);

const warnings = (document: Payload | Derived | Absent): Finding[] =>
  isAbsent(document) ? [] : document.warnings.map(({ code, message }) => ({ code, message }));

const ofVariable = [
  { key: 'rhat_max', label: 'R-hat', better: 'lower' },
  { key: 'ess_bulk_min', label: 'bulk ESS', better: 'higher' },
  { key: 'ess_tail_min', label: 'tail ESS', better: 'higher' },
  { key: 'mcse_mean_max', label: 'MCSE of mean', better: 'lower' },
] as const;

function variableMetrics(document: Derived | Absent): Metric[] {
  if (isAbsent(document)) return [];
  return Object.entries(document.variables).flatMap(([variable, values]) =>
    ofVariable.map(({ key, label, better }) => {
      const description = texts.ofVariable(label, variable, values);
      const definition = {
        unit: '',
        main: false,
        name: `${variable}.${key}`,
        label: `${variable} ${label}`,
        better,
        description,
      };
      return toMetric(definition, variableValue(document, variable, values, key));
    }),
  );
}
