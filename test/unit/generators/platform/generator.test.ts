import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import platform from '../../../../plugins/nx-study/src/generators/platform/generator.ts';
import { platformText } from '../../../../plugins/nx-study/src/generators/platform/text.ts';
import { describeMachine } from '../../../../plugins/nx-study/src/machine/description/describe.ts';
import { thisMachine } from '../../../../plugins/nx-study/src/machine/description/source.ts';
import { checkPlatform } from '../../../../plugins/nx-study/src/platform/check.ts';
import { factsOf } from '../../../../plugins/nx-study/src/platform/facts.ts';
import { openProfile } from '../../../../plugins/nx-study/src/platform/read.ts';
import { recordedMachine } from '../../../helpers/machines.ts';
import { makeWorkspace } from '../../study/workspace.ts';

const machines = [
  ['this machine', () => thisMachine],
  ['apple-m2', () => recordedMachine('apple-m2', {}, 'darwin')],
  ...['big-little', 'h100', 'hybrid-laptop', 'two-gpus-one-mig', 'vm-cgroup-v1'].map(
    (name) => [name, () => recordedMachine(name)] as const,
  ),
] as const;

test.each(machines)('%s fits the platform that is made from it', async (_name, sourceOf) => {
  const source = sourceOf();
  const machine = await describeMachine(source);
  const root = await makeWorkspace();
  await mkdir(join(root, 'studies/platforms'), { recursive: true });
  await writeFile(join(root, 'studies/platforms/box.yaml'), platformText(machine));
  const profile = await openProfile(root, 'box');
  const demand = { worker: 'w', configuration: {}, cpus: 1 };
  const { checks, refusal } = await checkPlatform(profile, factsOf(machine, source), demand, { scope: 'lasting' });
  expect(refusal).toBeNull();
  expect(checks.filter(({ state }) => state !== 'met')).toEqual([]);
  const ofGpus = (machine.gpus.value ?? []).length > 0 ? ['accelerators'] : [];
  expect(checks.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['system', 'cpu', 'cores', ...ofGpus]));
});

test('the generator writes it with its schema, and never over another one', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await platform(tree, { name: 'box' });
  expect(tree.read('studies/platforms/box.yaml', 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\/platform\.schema\.json\n/,
  );
  expect(tree.exists('studies/platforms/platform.schema.json')).toBe(true);
  await expect(platform(tree, { name: 'box' })).rejects.toThrow('studies/platforms/box.yaml exists already');
  for (const name of ['any', 'host', 'My Box', '../x'])
    await expect(platform(tree, { name })).rejects.toThrow(`can't be a platform's name`);
});
