import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { energyOf } from '../../../../workers/kits/node/inference/counters.ts';
import type { Counter, Reading } from '../../../../workers/kits/node/inference/counters.ts';
import { energyPass } from '../../../../workers/kits/node/inference/energy.ts';
import type { Energy } from '../../../../workers/kits/node/inference/energy.ts';
import { raplCounters } from '../../../../workers/kits/node/inference/rapl.ts';
import { makeFolder } from '../engine.ts';
import { cases, near } from './cases.ts';

describe('energy of a counter', () => {
  interface EnergyCase {
    readings_uj: number[];
    range_uj: number | null;
    expect: { joules: number | null; reason: string | null; samples: number };
  }
  it.each(cases<EnergyCase>('energy.json'))('$name', ({ readings_uj, range_uj, expect: expected }) => {
    expect(energyOf(readings_uj, range_uj)).toEqual({ ...expected, joules: near(expected.joules) });
  });
});

interface WindowCase {
  window_s: number;
  calls: { seconds: number; output_tokens: number; prompt_tokens: number }[];
  counters: (Omit<Counter, 'read'> & { readings_uj: number[] })[];
  idle: { window_s: number; energy: Record<string, Reading> };
  missing: Record<string, string>;
  expect: Energy;
}

describe('energy of a window', () => {
  it.each(cases<WindowCase>('energy.json', 'windows'))('$name', async (given) => {
    const { window_s, calls, counters, idle, missing, expect: expected } = given;
    let now_s = 0;
    const call = async (iteration: number) => {
      const { seconds, output_tokens: output, prompt_tokens: prompt } = calls[Math.min(iteration, calls.length - 1)]!;
      now_s += seconds;
      return { output, prompt };
    };
    const energy = await energyPass(
      call,
      { counters: counters.map(replayed), missing },
      { ...idle, energy: new Map(Object.entries(idle.energy)) },
      window_s,
      () => now_s,
    );
    expect(withShortReasons(energy)).toEqual(withNear(expected));
  });
});

/** A counter that can't be read any more after its readings. */
function replayed({ readings_uj, ...counter }: WindowCase['counters'][number]): Counter {
  const left = [...readings_uj];
  const read = () => {
    if (left.length === 0) throw new Error('gone');
    return left.shift()!;
  };
  return { ...counter, read };
}

function withShortReasons(energy: Energy): Energy {
  if (energy.status === 'unavailable') return energy;
  const missing = Object.entries(energy.missing).map(([name, reason]) => [name, reason.split(':')[0]!]);
  return { ...energy, missing: Object.fromEntries(missing) as Record<string, string> };
}

const withNear = (energy: Energy): unknown =>
  energy.status === 'unavailable'
    ? energy
    : { ...energy, domains: energy.domains.map((domain) => ({ ...domain, joules: near(domain.joules) })) };

describe('zones of RAPL', () => {
  interface ZonesCase {
    zones: Record<string, Record<string, string>>;
    expect: { counters: object[]; reason: string | null };
  }
  it.each(cases<ZonesCase>('energy.json', 'zones'))('$name', ({ zones, expect: expected }) => {
    const powercap = makeFolder();
    for (const [zone, files] of Object.entries(zones)) {
      mkdirSync(join(powercap, zone));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(powercap, zone, file), `${text}\n`);
    }
    const { counters, reason } = raplCounters(powercap);
    const found = counters.map(({ name, scope, read, range_uj }) => ({ name, scope, reading_uj: read(), range_uj }));
    expect({ counters: found, reason: reason?.split(':')[0] ?? null }).toEqual(expected);
    expect(counters.every(({ source }) => source === 'rapl')).toBe(true);
  });
});
