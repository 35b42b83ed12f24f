import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { groupBy } from '../base/group-by.ts';
import { momentsOf } from './moments.ts';
import { offScale, onScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { machineReasons } from './texts.ts';

/** A value of one experiment, and the machine that measured it. */
export interface OnMachine {
  host: string;
  /** null where it wasn't measured. */
  value: number | null;
}

/** How one machine measures against all of them together. */
export interface MachineEffect {
  host: string;
  /** A ratio for the scale `ratio`, else a difference in the metric's unit. */
  effect: number | Absent;
}

export interface MachineEffects {
  /** Experiments that every machine measured; only they tell machines apart. */
  experiments: number;
  /** In the order of their names. */
  machines: MachineEffect[];
}

/**
 * By how much machines that share a study measure differently: for each experiment that all of them measured, the mean on a
 * machine against the mean over the machines' means (geometric for the scale `ratio`); then the mean over these experiments. It is the effect
 * of a two-way layout with equal weights (experiment × machine).
 * @param experiments - the values of each experiment.
 * @returns Absent for a single machine, and where no experiment was measured by all.
 */
export function machineEffects(experiments: readonly (readonly OnMachine[])[], scale: Scale): MachineEffects | Absent {
  const hosts = [...new Set(experiments.flat().map(({ host }) => host))].toSorted();
  if (hosts.length < 2) return absent(machineReasons.single);
  const shared: Map<string, number>[] = [];
  for (const values of experiments) {
    const means = meansOf(values, scale);
    if (isAbsent(means)) return means;
    if (hosts.every((host) => means.has(host))) shared.push(means);
  }
  if (shared.length === 0) return absent(machineReasons.noneShared);
  const machines = hosts.map((host) => {
    const effects = shared.map((means) => means.get(host)! - momentsOf([...means.values()]).mean);
    return { host, effect: offScale(momentsOf(effects).mean, scale) };
  });
  return { experiments: shared.length, machines };
}

function meansOf(values: readonly OnMachine[], scale: Scale): Map<string, number> | Absent {
  const means = new Map<string, number>();
  for (const [host, own] of groupBy(values, (one) => one.host)) {
    const known = own.flatMap(({ value }) => value ?? []);
    if (known.length === 0) continue;
    const scaled = onScale(known, scale);
    if (isAbsent(scaled)) return scaled;
    means.set(host, momentsOf(scaled).mean);
  }
  return means;
}
