import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partNames, partsOf } from '../../../plugins/nx-study/src/assets/name.ts';
import { energyOf } from '../../../workers/kits/node/inference/counters.ts';
import { stoppedBy, warmupVerdict } from '../../../workers/kits/node/inference/decisions.ts';
import type { MeasureRules, WarmupRules } from '../../../workers/kits/node/inference/decisions.ts';
import { promptIds, promptLines } from '../../../workers/kits/node/inference/prompts.ts';
import type { PromptKey } from '../../../workers/kits/node/inference/prompts.ts';
import { workloadOrder } from '../../../workers/kits/node/inference/workloads.ts';
import { ggufFiles } from '../../../workers/llama-cpp/src/files.ts';
import { makeFolder } from './engine.ts';

const folder = join(import.meta.dirname, '../../../workers/kits/conformance');

/** The cases in a file, under a key. */
const cases = <T>(file: string, key = 'cases'): (T & { name: string })[] =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, (T & { name: string })[]>)[key]!;

/** Sums differ in their last bits. */
const near = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 10));

describe('warm-up', () => {
  interface Verdict {
    rules: WarmupRules;
    samples_s: number[];
    elapsed_s: number;
    expect: { stop: boolean; converged: boolean | null; cv: number | null };
  }
  it.each(cases<Verdict>('warmup.json', 'verdicts'))('$name', ({ rules, samples_s, elapsed_s, expect: expected }) => {
    expect(warmupVerdict(rules, samples_s, elapsed_s)).toEqual({ ...expected, cv: near(expected.cv) });
  });

  interface Course {
    rules: WarmupRules;
    durations_s: number[];
    expect: { calls: number; converged: boolean | null };
  }
  it.each(cases<Course>('warmup.json', 'courses'))('$name', ({ rules, durations_s, expect: expected }) => {
    const verdicts = [...durations_s.keys(), durations_s.length].map((calls) => {
      const samples_s = durations_s.slice(0, calls);
      const elapsed_s = samples_s.reduce((sum, duration_s) => sum + duration_s, 0);
      return { calls, ...warmupVerdict(rules, samples_s, elapsed_s) };
    });
    expect(verdicts.find(({ stop }) => stop)).toMatchObject(expected);
  });
});

describe('measuring', () => {
  interface Measuring {
    rules: MeasureRules;
    iterations: number;
    elapsed_s: number;
    expect: 'enough' | 'max_s' | null;
  }
  it.each(cases<Measuring>('measuring.json'))('$name', ({ rules, iterations, elapsed_s, expect: expected }) => {
    expect(stoppedBy(rules, iterations, elapsed_s)).toBe(expected);
  });
});

describe('prompts', () => {
  interface Random {
    allowed: { ids?: number[]; range?: [from: number, below: number] };
    length: number;
    key: PromptKey;
    expect: number[];
  }
  it.each(cases<Random>('prompts.json', 'random'))('$name', ({ allowed, length, key, expect: expected }) => {
    const [from, below] = allowed.range ?? [0, 0];
    const ids = allowed.ids ?? Array.from({ length: below - from }, (_, index) => from + index);
    expect(promptIds(ids, length, key)).toEqual(expected);
  });

  interface Lines {
    lines: number;
    batch_size: number;
    iteration: number;
    expect: number[];
  }
  it.each(cases<Lines>('prompts.json', 'lines'))('$name', ({ lines, batch_size, iteration, expect: expected }) => {
    expect(promptLines(lines, batch_size, iteration)).toEqual(expected);
  });
});

describe('order of workloads', () => {
  it.each(cases<{ seed: number; count: number; expect: number[] }>('order.json'))(
    '$name',
    ({ seed, count, expect: expected }) => {
      expect(workloadOrder(seed, count)).toEqual(expected);
    },
  );
});

describe('files of a GGUF model', () => {
  it.each(cases<{ file: string; expect: string[] | null }>('gguf-parts.json'))(
    '$name',
    ({ file, expect: expected }) => {
      expect(partNames(file)).toEqual(expected);
      expect(partsOf(file) ?? [file]).toEqual(expected ?? [file]);
      const model = makeFolder();
      for (const name of expected ?? [file]) writeFileSync(join(model, name), '');
      expect(ggufFiles(join(model, file)).map((path) => basename(path))).toEqual(expected ?? [file]);
    },
  );
});

describe('energy', () => {
  interface EnergyCase {
    readings_uj: number[];
    range_uj: number | null;
    expect: { joules: number | null; reason: string | null; samples: number };
  }
  it.each(cases<EnergyCase>('energy.json'))('$name', ({ readings_uj, range_uj, expect: expected }) => {
    expect(energyOf(readings_uj, range_uj)).toEqual({ ...expected, joules: near(expected.joules) });
  });
});
