import { expect, onTestFinished, test, vi } from 'vitest';
import { describeMachine } from '../../../plugins/nx-study/src/machine/description/describe.ts';
import { checkPlatform, ignoredRules } from '../../../plugins/nx-study/src/platform/check.ts';
import { factsOf } from '../../../plugins/nx-study/src/platform/facts.ts';
import type { Profile, ProfileRule } from '../../../plugins/nx-study/src/platform/read.ts';
import { recordedMachine } from '../../helpers/machines.ts';

const rule = (
  name: ProfileRule['name'],
  need: object,
  level: ProfileRule['level'] = 'refuse',
  message: string | null = null,
) => ({ name, need, level, message }) as ProfileRule;

const profile: Profile = {
  name: 'quiet-box',
  rules: [
    rule('cores', { least: 2 }),
    rule('memory', { least_gib: 64 }),
    rule('swap', { most_gib: 0 }),
    rule('governor', { is: ['performance'] }, 'warn', 'Ask the person who runs the lab.'),
    rule('bare_metal', {}),
  ],
};

async function check(ignored: string[] = [], change: Partial<Profile> = {}) {
  const source = recordedMachine('vm-cgroup-v1');
  const facts = factsOf(await describeMachine(source), source);
  return checkPlatform({ ...profile, ...change }, facts, { worker: 'w', configuration: {}, cpus: 2 }, { ignored });
}

test('a machine that does not fit is refused with all differences, and the way to measure all the same', async () => {
  const { refusal, findings, checks } = await check();
  expect(refusal).toBe(
    'this machine does not fit the platform quiet-box. ' +
      'memory: needs 64 GiB of memory, found 23.5 GiB. Allow more (control-group limit), or take a larger machine. ' +
      'bare_metal: needs a machine that is not virtual, found unknown hypervisor. Neighbours on the same host take time, and this machine cannot see them. ' +
      'To measure all the same, and have each record say so: NX_STUDY_IGNORE_RULES=memory,bare_metal',
  );
  expect(checks.map(({ rule: name, state }) => [name, state])).toEqual([
    ['cores', 'met'],
    ['memory', 'unmet'],
    ['swap', 'met'],
    ['governor', 'unmet'],
    ['bare_metal', 'unmet'],
  ]);
  expect(findings).toEqual([
    {
      code: 'platform-governor',
      message:
        'the platform quiet-box warns: governor: needs the governor performance, found unknown: the kernel scales no frequency here, as in most virtual machines. Ask the person who runs the lab.',
    },
  ]);
});

test('one rule overridden leaves the other', async () => {
  const { refusal } = await check(['memory']);
  expect(refusal).toContain('bare_metal: needs');
  expect(refusal).not.toContain('memory: needs');
  expect(refusal).toContain('NX_STUDY_IGNORE_RULES=bare_metal');
});

test('all of them overridden: it is measured, and the findings say so; a warning stays one', async () => {
  const { refusal, findings, checks } = await check(['memory', 'bare_metal', 'governor']);
  expect(refusal).toBeNull();
  expect(findings.map(({ code }) => code)).toEqual(['platform-overridden', 'platform-governor', 'platform-overridden']);
  expect(findings[0]!.message).toContain('memory: needs 64 GiB of memory, found 23.5 GiB');
  expect(checks.filter(({ state }) => state === 'overridden').map(({ rule: name }) => name)).toEqual([
    'memory',
    'bare_metal',
  ]);
});

test('a rule that is met is not overridden', async () => {
  const { findings } = await check(['cores'], { rules: [rule('cores', { least: 2 })] });
  expect(findings).toEqual([]);
});

test('a misspelt rule is told where it would have mattered', async () => {
  const { refusal } = await check(['memroy']);
  expect(refusal).toMatch(/NX_STUDY_IGNORE_RULES names "memroy", which is no rule\. Did you mean `memory`\?$/);
});

test.each([
  ['', []],
  ['swap', ['swap']],
  [' swap, governor,,cores ', ['swap', 'governor', 'cores']],
])('NX_STUDY_IGNORE_RULES=%j', (value, rules) => {
  vi.stubEnv('NX_STUDY_IGNORE_RULES', value);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(ignoredRules()).toEqual(rules);
});
