import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partNames, partsOf } from '../../../../plugins/nx-study/src/assets/name.ts';
import { stoppedBy, warmupVerdict } from '../../../../workers/kits/node/inference/decisions.ts';
import type { MeasureRules, WarmupRules } from '../../../../workers/kits/node/inference/decisions.ts';
import { promptIds, promptLines, promptsOfFile } from '../../../../workers/kits/node/inference/prompts.ts';
import type { PromptKey } from '../../../../workers/kits/node/inference/prompts.ts';
import { workloadOrder, workloadsOf } from '../../../../workers/kits/node/inference/workloads.ts';
import { ggufFiles } from '../../../../workers/llama-cpp/src/files.ts';
import type { JsonObject } from '../../../../workers/kits/node/index.ts';
import { makeFolder } from '../engine.ts';
import { cases, near } from './cases.ts';

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

interface FileCase {
  text: string;
  prompt_tokens: number;
  batch_size: number;
  calls: number;
  expect: { prompts: number[][]; repeats: number } | { error: string };
}
describe('prompts of a file', () => {
  it.each(cases<FileCase>('prompts.json', 'files'))('$name', ({ text, calls, expect: expected, ...shape }) => {
    const path = join(makeFolder(), 'prompts.txt');
    writeFileSync(path, text);
    const repeats: string[] = [];
    const encode = (line: string) => Array.from(line, (character) => character.codePointAt(0)!);
    const workload = { index: 0, batchSize: shape.batch_size, promptTokens: shape.prompt_tokens, newTokens: 1 };
    const outcome = () => {
      try {
        const prompts = promptsOfFile(path, encode, shape.prompt_tokens, (message) => repeats.push(message));
        const made = Array.from({ length: calls }, (_, iteration) => prompts(workload, 'generate', iteration));
        return { prompts: made.flat(), repeats: repeats.length };
      } catch (error) {
        return { error: (error as Error).message.replace(path, '') };
      }
    };
    expect(outcome()).toEqual(expected);
  });
});

describe('workloads', () => {
  it.each(cases<{ configuration: JsonObject; expect: number[][] }>('workloads.json'))(
    '$name',
    ({ configuration, expect: expected }) => {
      const workloads = workloadsOf(configuration);
      expect(workloads.map((one) => [one.batchSize, one.promptTokens, one.newTokens])).toEqual(expected);
      expect(workloads.map(({ index }) => index)).toEqual([...expected.keys()]);
    },
  );
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
