import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { namesIn, textAt } from './source.ts';
import type { MachineSource } from './source.ts';

export type Frequency = {
  /** Such as `performance`; all of them where CPUs differ. */
  governor: Known<string>;
  driver: Known<string>;
  energy_preference: Known<string>;
  /** What is allowed now, over all CPUs, and what the hardware could do. */
  min_mhz: Known<number>;
  max_mhz: Known<number>;
  hardware_max_mhz: Known<number>;
  boost: Known<boolean>;
};

const CPUS = 'sys/devices/system/cpu';

export function describeFrequency(source: MachineSource): Frequency {
  const policies = (namesIn(source, `${CPUS}/cpufreq`) ?? []).filter((name) => /^policy\d+$/.test(name));
  const nothing =
    source.platform === 'linux'
      ? 'the kernel scales no frequency here, as in most virtual machines'
      : `${source.platform} does not report it`;
  const values = (file: string): string[] =>
    policies.map((policy) => textAt(source, `${CPUS}/cpufreq/${policy}/${file}`)).filter((text) => text !== null);
  const words = (file: string): Known<string> => {
    const found = [...new Set(values(file))].toSorted();
    return found.length > 0 ? known(found.join(', ')) : absent(policies.length > 0 ? `no ${file}` : nothing);
  };
  const mhz = (file: string, of: (...numbers: number[]) => number): Known<number> => {
    const found = values(file).map(Number).filter(Number.isFinite);
    return found.length > 0 ? known(of(...found) / 1000) : absent(policies.length > 0 ? `no ${file}` : nothing);
  };
  return {
    governor: words('scaling_governor'),
    driver: words('scaling_driver'),
    energy_preference: words('energy_performance_preference'),
    min_mhz: mhz('scaling_min_freq', Math.min),
    max_mhz: mhz('scaling_max_freq', Math.max),
    hardware_max_mhz: mhz('cpuinfo_max_freq', Math.max),
    boost: boost(source, nothing),
  };
}

function boost(source: MachineSource, nothing: string): Known<boolean> {
  const on = textAt(source, `${CPUS}/cpufreq/boost`);
  if (on !== null) return known(on === '1');
  const off = textAt(source, `${CPUS}/intel_pstate/no_turbo`);
  return off === null ? absent(nothing) : known(off === '0');
}
