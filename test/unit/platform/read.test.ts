import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { canonicalJson } from '../../../plugins/nx-study/src/base/canonical.ts';
import {
  openProfile,
  profileIdentity,
  profileNames,
  readProfile,
} from '../../../plugins/nx-study/src/platform/read.ts';
import { ruleNames } from '../../../plugins/nx-study/src/platform/rules/index.ts';
import { platformEditorSchema } from '../../../plugins/nx-study/src/platform/schema.ts';
import { readPage } from '../../helpers/docs.ts';
import { errorOf, loadIn, makeWorkspace } from '../study/workspace.ts';

const repository = join(import.meta.dirname, '../../..');
const study = 'worker: sampler\nbase: {votes: ../data/votes.csv}\nplatform: box\n';
const file = 'studies/platforms/box.yaml';

const workspaceWith = (profile: string) => makeWorkspace({ [file]: profile, 'studies/s/study.yaml': study });
const errorWith = async (profile: string) => errorOf(loadIn(await workspaceWith(profile), 's'));

test('a profile with its defaults', async () => {
  const root = await workspaceWith('rules:\n  cores: {least: 4, level: warn, message: Too few}\n  swap: {}\n');
  expect(await openProfile(root, 'box')).toEqual({
    name: 'box',
    rules: [
      { name: 'cores', need: { least: 4 }, level: 'warn', message: 'Too few' },
      { name: 'swap', need: { most_gib: 0 }, level: 'refuse', message: null },
    ],
  });
  expect((await loadIn(root, 's')).plan.platform).toBe('box');
});

describe('what is wrong in a profile is told as of a study: file, line, path, value, next step', () => {
  test('all of it at once', async () => {
    const error = await errorWith(
      'description: a box\nrules:\n  core: {least: 2}\n  memory: {least_gib: much}\n  swap: {level: forbid}\n  chains: {most: fast-cores}\n',
    );
    expect(error.message).toBe(
      [
        "studies/s/study.yaml can't be planned: 4 problems",
        '  studies/platforms/box.yaml:3:3  rules.core\n    unknown key `core`\n    → Did you mean `cores`?',
        '  studies/platforms/box.yaml:4:23  rules.memory.least_gib\n    this must be a number, but is text',
        '  studies/platforms/box.yaml:5:17  rules.swap.level\n    this must be `refuse` or `warn`, but is "forbid"',
        '  studies/platforms/box.yaml:6:18  rules.chains.most\n    this must be a whole number from 1, or `performance-cores`',
      ].join('\n\n'),
    );
  });

  test.each([
    ['rules: {}\n', 'it has no rule'],
    ['description: only\n', 'the key `rules` is missing'],
    ['', 'the file is empty'],
    ['- cores\n', 'the file must be a map of keys'],
    ['rules: {cores: {}}\n', 'it needs `least` or `most`'],
    ['rules: {system: {level: warn}}\n', 'it needs `os` or `arch`'],
    ['rules: {cores: {least: 2}}\nname: box\n', 'unknown key `name`'],
    ['rules: {cores: {least: 2}, cores: {least: 3}}\n', 'for the second time'],
    ['rules: [\n', 'not valid YAML'],
    ['rules: {governor: {is: []}}\n', 'the list is empty'],
  ])('%j', async (text, message) => {
    const error = await errorWith(text);
    expect(error.message).toContain(message);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain("A study's name");
  });

  test('a platform that has no file', async () => {
    const root = await makeWorkspace({
      'studies/s/study.yaml': study,
      'studies/platforms/bax.yaml': 'rules: {swap: {}}\n',
    });
    expect((await errorOf(loadIn(root, 's'))).message).toContain('there is no platform `box`');
  });

  test('one that a worker demands by default', async () => {
    const root = await makeWorkspace({
      'studies/s/study.yaml': study.replace('platform: box\n', ''),
      [file]: 'rules: {}\n',
    });
    const manifest = join(root, 'workers/sampler/worker.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, JSON.stringify({ ...JSON.parse(text), platform: 'box' }));
    expect((await errorOf(loadIn(root, 's'))).message).toContain(`${file}:1:8  rules\n    it has no rule`);
  });
});

describe('identity', () => {
  const identity = async (text: string) => profileIdentity(await workspaceWith(text), 'box');
  const before = 'rules: {cores: {least: 4}, swap: {level: warn}}\n';

  test('name, rules with their defaults, and levels', async () => {
    expect(await identity(before)).toEqual({
      profile: 'box',
      rules: { cores: { least: 4, level: 'refuse' }, swap: { most_gib: 0, level: 'warn' } },
    });
  });

  test.each([
    [
      'what it says to people',
      'description: A box\n# Noted\nrules:\n  swap: {level: warn, message: off}\n  cores: {least: 4, message: More}\n',
      true,
    ],
    ['a default spelled out', 'rules: {cores: {least: 4, level: refuse}, swap: {level: warn, most_gib: 0}}\n', true],
    ['a need', 'rules: {cores: {least: 5}, swap: {level: warn}}\n', false],
    ['a level', 'rules: {cores: {least: 4}, swap: {}}\n', false],
    ['a rule', 'rules: {cores: {least: 4}}\n', false],
  ])('%s', async (_, text, same) => {
    const [one, other] = [await identity(before), await identity(text)];
    expect(canonicalJson(other) === canonicalJson(one)).toBe(same);
  });
});

test('the documentation names every rule', () => {
  const section = readPage('docs/machine-and-platforms.md').split('\n## Platforms\n')[1]!;
  for (const name of ruleNames) expect(section).toContain(`| \`${name}\``);
});

test('the profiles that are shipped are read, and the schema for editors takes them', async () => {
  const names = (await profileNames(repository)).toSorted();
  expect(names).toEqual(['apple-silicon-mcmc', 'single-nvidia-gpu', 'two-core-ci']);
  const validate = new Ajv({ strict: false }).compile(platformEditorSchema());
  for (const name of names) {
    expect((await readProfile(repository, name)).issues).toEqual([]);
    const written: unknown = parse(await readFile(join(repository, `studies/platforms/${name}.yaml`), 'utf8'));
    expect({ name, fits: validate(written) }).toEqual({ name, fits: true });
  }
  expect(validate({ rules: { core: { least: 2 } } })).toBe(false);
});
