import { ratio } from '../evidence.ts';
import { absent, isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Metric, MetricDefinition, Value } from '../kind.ts';
import type { Energy } from './schema.ts';
import { sum } from './statistics.ts';

type Measured = Extract<Energy, { status: 'measured' }>;
type Domain = Measured['domains'][number];

/** Domains that don't overlap: a package contains its cores, a platform all of it. */
export function countedDomains({ domains }: Measured): Domain[] {
  const apart = domains.filter(({ scope }) => scope === 'device' || scope === 'package' || scope === 'dram');
  return apart.length > 0 ? apart : domains.filter(({ scope }) => scope === 'platform');
}

/** Less than nothing beyond idling. */
export const isBelowIdle = (energy: Energy): boolean => {
  const adjusted = adjusted_j(energy);
  return !isAbsent(adjusted) && adjusted < 0;
};

/** Energy of one window, and what follows from the tokens and the time of the same window. */
export function energyMetrics(energy: Energy): Metric[] {
  const gross = gross_j(energy);
  const adjusted = adjusted_j(energy);
  const tokens = ofWindow(energy, ({ window_output_tokens }) => window_output_tokens);
  const window_s = ofWindow(energy, ({ window_s }) => window_s);
  const perToken = ratio(gross, tokens, 'the number of new tokens in the window');
  return [
    // Most machines have no counter, and a column on screen without a number says nothing.
    metric('j_per_output_token', 'energy', 'J/token', perToken, 'Gross energy of the window / its new tokens', {
      main: !isAbsent(perToken),
    }),
    metric(
      'energy_j',
      'energy',
      'J',
      gross,
      'Gross energy of the window, idling included: of devices, packages and memory, or of the platform',
    ),
    metric(
      'energy_adjusted_j',
      'above idle',
      'J',
      adjusted,
      'energy_j − power_idle_w × energy_window_s; never floored',
    ),
    metric(
      'adjusted_j_per_output_token',
      'above idle',
      'J/token',
      ratio(adjusted, tokens, 'the number of new tokens in the window'),
      'energy_adjusted_j / new tokens of the window',
    ),
    metric(
      'output_tokens_per_j',
      'per energy',
      'tokens/J',
      ratio(tokens, gross, 'energy_j'),
      'New tokens of the window / energy_j',
      {
        better: 'higher',
      },
    ),
    metric('power_mean_w', 'power', 'W', ratio(gross, window_s, 'the window'), 'energy_j / energy_window_s'),
    metric(
      'power_idle_w',
      'idle power',
      'W',
      idle_w(energy),
      'Power while idle, in the same process with the model loaded',
      {
        better: null,
      },
    ),
    ...scopeMetrics(energy),
    metric('energy_window_s', 'window', 's', window_s, 'Duration of the window of energy_j', { better: null }),
  ];
}

function scopeMetrics(energy: Energy): Metric[] {
  if (energy.status === 'unavailable') return [];
  const scopes = [...new Set(energy.domains.map(({ scope }) => scope))];
  return scopes.map((scope) => {
    const joules = joulesOf(energy.domains.filter((domain) => domain.scope === scope));
    return metric(
      `energy_${scope}_j`,
      `${scope} energy`,
      'J',
      joules,
      `Gross energy of the window by the counters of scope "${scope}"`,
    );
  });
}

const metric = (
  name: string,
  label: string,
  unit: string,
  value: Value,
  description: string,
  changes: Partial<MetricDefinition> = {},
): Metric => toMetric({ name, label, unit, main: false, better: 'lower', description, ...changes }, value);

const ofWindow = (energy: Energy, pick: (window: Measured) => number): Value =>
  energy.status === 'unavailable' ? absent(energy.reason) : pick(energy);

function gross_j(energy: Energy): Value {
  if (energy.status === 'unavailable') return absent(energy.reason);
  const domains = countedDomains(energy);
  if (domains.length === 0) return absent('no counter covers a device, a package or the platform');
  // Without the package's counter the devices are told apart by their scope; without one of the devices it is no total.
  const gap = Object.entries(energy.missing).find(([name]) => name !== 'rapl');
  return gap ? absent(`${gap[0]}: ${gap[1]}`) : joulesOf(domains);
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
