import { ratio } from '../evidence.ts';
import { absent, isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Metric, MetricDefinition, Value } from '../kind.ts';
import type { Energy } from './schema.ts';
import { sum } from '../../base/sum.ts';

type Measured = Extract<Energy, { status: 'measured' }>;
type Domain = Measured['domains'][number];

/**
 * The counters whose sum counts no joule twice: devices, packages and memory; the platform only without those. RAPL's
 * package contains its cores, and its platform (psys) contains the package, so they must not be added up.
 */
export function countedDomains({ domains }: Measured): Domain[] {
  const apart = domains.filter(({ scope }) => scope === 'device' || scope === 'package' || scope === 'dram');
  return apart.length > 0 ? apart : domains.filter(({ scope }) => scope === 'platform');
}

/** Whether less energy was used than idling for the same time would have used: then the idle baseline was disturbed. */
export const isBelowIdle = (energy: Energy): boolean => {
  const adjusted = adjusted_j(energy);
  return !isAbsent(adjusted) && adjusted < 0;
};

/**
 * Energy of one window in J, and what follows from the tokens and the time of the same window. Energies are differences of
 * counters, never estimates from power; above idle: gross − idle power × window, which may be negative and stays so (a floor
 * of 0 would hide a disturbed baseline).
 */
export function energyMetrics(energy: Energy): Metric[] {
  const gross = gross_j(energy);
  const adjusted = adjusted_j(energy);
  const tokens = ofWindow(energy, ({ window_output_tokens }) => window_output_tokens);
  const window_s = ofWindow(energy, ({ window_s }) => window_s);
  const perToken = ratio(gross, tokens, 'the number of new tokens in the window');
  return [
    metric(perToken, {
      name: 'j_per_output_token',
      label: 'energy',
      unit: 'J/token',
      description: 'Gross energy of the window / its new tokens',
      // Most machines have no counter; the table leaves out a column without any number.
      main: !isAbsent(perToken),
    }),
    metric(gross, {
      name: 'energy_j',
      label: 'energy',
      unit: 'J',
      description: 'Gross energy of the window, idling included: of devices, packages and memory, or of the platform',
    }),
    metric(adjusted, {
      name: 'energy_adjusted_j',
      label: 'above idle',
      unit: 'J',
      description: 'energy_j − power_idle_w × energy_window_s; never floored',
    }),
    metric(ratio(adjusted, tokens, 'the number of new tokens in the window'), {
      name: 'adjusted_j_per_output_token',
      label: 'above idle',
      unit: 'J/token',
      description: 'energy_adjusted_j / new tokens of the window',
    }),
    metric(ratio(tokens, gross, 'energy_j'), {
      name: 'output_tokens_per_j',
      label: 'per energy',
      unit: 'tokens/J',
      description: 'New tokens of the window / energy_j',
      better: 'higher',
    }),
    ...powerMetrics(energy, ratio(gross, window_s, 'the window')),
    ...scopeMetrics(energy),
    metric(window_s, {
      name: 'energy_window_s',
      label: 'window',
      unit: 's',
      description: 'Duration of the window of energy_j',
      better: null,
    }),
  ];
}

const powerMetrics = (energy: Energy, mean_w: Value): Metric[] => [
  metric(mean_w, { name: 'power_mean_w', label: 'power', unit: 'W', description: 'energy_j / energy_window_s' }),
  metric(idle_w(energy), {
    name: 'power_idle_w',
    label: 'idle power',
    unit: 'W',
    description: 'Power while idle, in the same process with the model loaded',
    better: null,
  }),
];

function scopeMetrics(energy: Energy): Metric[] {
  if (energy.status === 'unavailable') return [];
  const scopes = [...new Set(energy.domains.map(({ scope }) => scope))];
  return scopes.map((scope) => {
    const joules = joulesOf(energy.domains.filter((domain) => domain.scope === scope));
    return metric(joules, {
      name: `energy_${scope}_j`,
      label: `${scope} energy`,
      unit: 'J',
      description: `Gross energy of the window by the counters of scope "${scope}"`,
    });
  });
}

type Defined = Pick<MetricDefinition, 'name' | 'label' | 'unit' | 'description'> & Partial<MetricDefinition>;

const metric = (value: Value, definition: Defined): Metric =>
  toMetric({ main: false, better: 'lower', ...definition }, value);

const ofWindow = (energy: Energy, pick: (window: Measured) => number): Value =>
  energy.status === 'unavailable' ? absent(energy.reason) : pick(energy);

function gross_j(energy: Energy): Value {
  if (energy.status === 'unavailable') return absent(energy.reason);
  const domains = countedDomains(energy);
  if (domains.length === 0) return absent('no counter covers a device, a package or the platform');
  const gap = Object.entries(energy.missing).find(([name]) => !isBeside(name, domains));
  return gap ? absent(`${gap[0]}: ${gap[1]}`) : joulesOf(domains);
}

/**
 * Whether a sum over these domains is whole without that counter: those of cores are in that of their package, and that of the
 * platform has no part where others are added. Without any counter of a package the sum covers devices only; a missing device makes
 * it incomplete. Names are those of Linux (powercap), with a number.
 */
function isBeside(missing: string, domains: readonly Domain[]): boolean {
  const [kind] = missing.split('-');
  if (kind === 'psys') return domains.every(({ scope }) => scope !== 'platform');
  return kind === 'rapl' || kind === 'core';
}

function joulesOf(domains: readonly Domain[]): Value {
  const backwards = domains.find(({ joules }) => joules < 0);
  return backwards ? absent(`the counter ${backwards.name} ran backwards`) : sum(domains.map(({ joules }) => joules));
}

function idle_w(energy: Energy): Value {
  if (energy.status === 'unavailable') return absent(energy.reason);
  const domains = countedDomains(energy);
  const known = domains.flatMap(({ idle_w }) => idle_w ?? []);
  return known.length === domains.length && known.length > 0
    ? sum(known)
    : absent(energy.idle.reason ?? 'no idle baseline, without a reason');
}

function adjusted_j(energy: Energy): Value {
  const gross = gross_j(energy);
  const idle = idle_w(energy);
  if (energy.status === 'unavailable' || isAbsent(gross)) return gross;
  return isAbsent(idle) ? idle : gross - idle * energy.window_s;
}
