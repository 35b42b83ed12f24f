import { describe, expect, it } from 'vitest';
import { isAbsent } from '../../../../plugins/nx-study/src/base/known.ts';
import { jsonOf } from '../../../../plugins/nx-study/src/commands/compare/json.ts';
import { markdownOf, terminalText } from '../../../../plugins/nx-study/src/commands/compare/text.ts';
import { compareVersions } from '../../../../plugins/nx-study/src/commands/compare/versions.ts';
import type { Results } from '../../../../plugins/nx-study/src/state/rows.ts';
import { measuredStudy, timesOf } from '../../comparisons/study.ts';

type Values = Parameters<typeof measuredStudy>[0];

interface Side {
  values: Values;
  /** Minutes after the full hour at which each repetition starts; the repetitions are 10 minutes apart. */
  at: number;
  host?: string;
  changes?: Parameters<typeof measuredStudy>[1];
}

async function sideOf({ values, at, host = 'bench', changes = {} }: Side): Promise<Results> {
  const { results } = await measuredStudy(values, changes, (_, repetition) => ({
    record: {
      started_at: new Date(Date.UTC(2026, 2, 1, 10, 10 * repetition + at)).toISOString(),
      supervisor: { host, pid: 1, boot: 'b', start_time: null },
    },
  }));
  return results;
}

const base = { values: { split: timesOf(1, 1.1, 1.05, 1.02), loop: timesOf(2, 2.1, 2.05, 2.2) }, at: 0 };
const slower = { split: timesOf(1, 1.1, 1.06, 1.01), loop: timesOf(3, 3.2, 3.1, 3.25) };

const compared = async (here: Side, other: Side = base) => compareVersions(await sideOf(here), await sideOf(other));
const verdicts = ({ entries }: Awaited<ReturnType<typeof compared>>) =>
  entries.map(({ alternative, metric, verdict }) => [
    alternative.label,
    metric.name,
    isAbsent(verdict) ? verdict.reason : verdict,
  ]);

describe('two working trees that were measured in turns', () => {
  it('are compared by pairs, and times are slower or faster', async () => {
    const versions = await compared({ values: slower, at: 5 });
    expect(versions.in_turns).toBe(true);
    expect(verdicts(versions)).toEqual([
      ['split', 'time_s', 'not told apart'],
      ['loop', 'time_s', 'slower'],
    ]);
    const loop = versions.entries[1]!;
    expect(loop.against).toMatchObject({ scale: 'ratio', n: { pairs: 4 } });
    // By Python: exp(mean(log([3, 3.2, 3.1, 3.25]) - log([2, 2.1, 2.05, 2.2]))).
    expect(loop.against).toMatchObject({ estimate: expect.closeTo(1.503_220_237_354_86, 12) });
    expect(versions.entries.map(({ is_worse }) => is_worse)).toEqual([false, true]);
    const back = await compared({ ...base, at: 5 }, { values: slower, at: 0 });
    expect(verdicts(back)[1]).toEqual(['loop', 'time_s', 'faster']);
    expect(back.entries.some(({ is_worse }) => is_worse)).toBe(false);
  });

  it('differ as much as the study calls relevant, or else are not worse', async () => {
    const versions = await compared({ values: slower, at: 5, changes: { relevant: { time_s: 0.9 } } });
    expect(verdicts(versions)).toEqual([
      ['split', 'time_s', 'equivalent'],
      ['loop', 'time_s', 'equivalent'],
    ]);
    const barely = await compared({ values: slower, at: 5, changes: { relevant: { time_s: 0.5 } } });
    expect(verdicts(barely)[1]![2]).toBe('slower');
    expect(barely.entries[1]!.is_worse).toBe(false);
  });

  it('show what only one of them has', async () => {
    const versions = await compared({ values: { loop: base.values.loop, fresh: timesOf(1, 2, 3, 4) }, at: 5 });
    expect(versions.only).toEqual({ here: ['fresh'], base: ['split'] });
    expect(verdicts(versions).map(([label]) => label)).toEqual(['loop']);
  });

  it('name the differences of their identities', async () => {
    const [here, other] = [await sideOf({ values: slower, at: 5 }), await sideOf(base)];
    expect(compareVersions(here, other).differs).toEqual([]);
    for (const { stored } of here.rows) stored!.record.identity.code = 'edited';
    expect(compareVersions(here, other).differs).toEqual(['measuring code']);
  });
});

describe('there is no verdict', () => {
  it('where one tree was measured after the other, as a drift of the machine would count', async () => {
    const versions = await compared({ values: slower, at: 55 });
    expect(versions.in_turns).toBe(false);
    expect(verdicts(versions)[1]![2]).toContain('not measured in turns');
    expect(versions.entries[1]!.against).toMatchObject({ n: { pairs: null, candidate: 4, baseline: 4 } });
    expect(versions.warnings[0]).toContain('There is no verdict: the two were not measured in turns');
    expect(terminalText({ title: '', versions }, 200)).not.toContain('No verdict for');
    expect(versions.entries.some(({ is_worse }) => is_worse)).toBe(false);
  });

  it('between different machines', async () => {
    const versions = await compared({ values: slower, at: 5, host: 'other' });
    expect(verdicts(versions)[1]![2]).toBe('the two were measured on different machines (other, bench)');
  });

  it('with too few repetitions', async () => {
    const two = { values: { loop: timesOf(3, 3.2) }, at: 5 };
    const versions = await compared(two, { values: { loop: timesOf(2, 2.1) }, at: 0 });
    expect(verdicts(versions)[0]![2]).toContain('no interval below 3 pairs');
    expect(terminalText({ title: '', versions }, 200)).toContain('No verdict for loop time: no interval below 3 pairs');
  });
});

describe('the comparison', () => {
  it('says in words what is worse, in a table for a terminal and for a pull request', async () => {
    const versions = await compared({ values: slower, at: 5 });
    const text = terminalText({ title: 'a against b', versions }, 120);
    expect(text).toMatch(
      /^a against b\nWorse: loop time ×1\.50\d? \[[\d., ]+\]\* \(slower\)\.\nNothing that counts differs/,
    );
    expect(text).toMatch(/^split +time, s +\S.* ×1\.0\S* \[[\d., ]+\] +can't be told apart$/m);
    const markdown = markdownOf({ title: 'a against b', versions });
    expect(markdown).toMatch(/^## a against b\n\nWorse: /);
    expect(markdown).toMatch(/^\| loop \| time, s \| .* \| slower \|$/m);
  });

  it('shows bytes in the unit that is shortest', async () => {
    const memory = (...bytes: number[]) => ({ loop: bytes.map((memory_bytes) => ({ memory_bytes })) });
    const versions = await compared(
      { values: memory(45.1e9, 45.3e9, 45.2e9), at: 5 },
      { values: memory(30.1e9, 30.3e9, 30.2e9), at: 0 },
    );
    const text = terminalText({ title: '', versions }, 120);
    expect(text).toMatch(/^loop +memory, GB +30\.20 ± 0\.\d+ +45\.20 ± 0\.\d+ +×1\.49\S* /m);
    expect(text).not.toMatch(/e\+|\d{6}/);
  });

  it('is an object for programs, with null and a reason where there is no verdict', async () => {
    const json = jsonOf(await compared({ values: slower, at: 55 }));
    expect(json).toMatchObject({
      is_worse: false,
      in_turns: false,
      comparisons: [{ verdict: null }, { verdict: null }],
    });
    expect(jsonOf(await compared({ values: slower, at: 5 }))).toMatchObject({
      is_worse: true,
      comparisons: [
        { label: 'split', metric: 'time_s', verdict: 'not told apart', is_worse: false, reason: null },
        { label: 'loop', unit: 's', scale: 'ratio', pairs: 4, verdict: 'slower', is_worse: true, reason: null },
      ],
    });
  });
});
