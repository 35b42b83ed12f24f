import { test } from 'vitest';
import { load, errorOf } from '/work/main/test/unit/study/workspace.ts';
const N = 1_000_000;
const S = 'worker: sampler\nbase: {votes: ../data/votes.csv}\n';
const cases: Record<string, string> = {
  brackets: S + 'sweep: ' + '['.repeat(N),
  dashes: S + 'sweep:\n  ' + '- '.repeat(N / 2),
  keys: S + 'gates:\n' + Array.from({ length: 80_000 }, (_, i) => `  a${i}: 1`).join('\n'),
  unknownKeys: S + Array.from({ length: 80_000 }, (_, i) => `k${i}: 1`).join('\n'),
  baseKeys: 'worker: sampler\nbase:\n  votes: ../data/votes.csv\n' + Array.from({ length: 60_000 }, (_, i) => `  k${i}: 1`).join('\n'),
  dupKeys: S + 'gates:\n' + Array.from({ length: 100_000 }, () => `  a: 1`).join('\n'),
  aliases: S + 'gates: &a {x: 1}\nreport: [' + '*a, '.repeat(190_000) + ']',
  axisValues: S + 'limits: {measurements: 1000000}\nsweep:\n  draws: [' + Array.from({ length: 100_000 }, (_, i) => i + 1).join(', ') + ']',
  badAxisValues: S + 'limits: {measurements: 1000000}\nsweep:\n  draws: [' + Array.from({ length: 100_000 }, (_, i) => -i).join(', ') + ']',
  axes: S + 'sweep:\n' + Array.from({ length: 50_000 }, (_, i) => `  a${i}: [1]`).join('\n'),
  variants: S + 'variants:\n' + Array.from({ length: 20_000 }, (_, i) => `  a${i}: {x: {draws: 1}}`).join('\n'),
  experiments: S + 'limits: {measurements: 1000000}\nexperiments:\n' + Array.from({ length: 30_000 }, (_, i) => `  - {label: l${i}, draws: ${i + 1}}`).join('\n'),
  badExperiments: S + 'experiments:\n' + Array.from({ length: 30_000 }, (_, i) => `  - {label: L ${i}, draws: x}`).join('\n'),
  dotted: S + 'sweep:\n  ' + 'a.'.repeat(400_000) + 'b: [1]',
  dotted2: S + 'base:\n  ? ' + 'a.'.repeat(400_000) + 'b\n  : 1',
  manyDotted: 'worker: sampler\nbase:\n  votes: ../data/votes.csv\n' + Array.from({ length: 50_000 }, (_, i) => `  a.k${i}: 1`).join('\n'),
  excludes: S + 'sweep: {draws: [' + Array.from({ length: 300 }, (_, i) => i + 1).join(',') + '], tune: [' + Array.from({ length: 300 }, (_, i) => i + 1).join(',') + ']}\nexclude:\n' + Array.from({ length: 5000 }, (_, i) => `  - {chains: ${i}}`).join('\n'),
  anchors: S + 'gates: {' + Array.from({ length: 60_000 }, (_, i) => `a${i}: &b${i} 1`).join(', ') + '}\nreport: [' + '*zz, '.repeat(5000) + ']',
  quotes: S + 'description: "' + '\\n'.repeat(N / 2 - 100) + '"',
  comments: S + '#\n'.repeat(N / 2 - 100),
  tabs: S + '\t\n'.repeat(N / 3),
};
for (const [name, text] of Object.entries(cases))
  test(name, async () => {
    const t = performance.now();
    const e = await Promise.resolve(load(text)).then((x) => `plan of ${x.plan.measurements.length}`, (error) => error.constructor.name + ' ' + error.message.slice(0, 200).replaceAll('\n', ' '));
    console.log(name, Math.round(performance.now() - t), 'ms', e);
  }, 60_000);
