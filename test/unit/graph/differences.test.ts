import { expect, it } from 'vitest';
import { differences } from '../../../plugins/nx-study/src/graph/differences.ts';
import type { Identity } from '../../../plugins/nx-study/src/record/schema.ts';

const before: Identity = {
  protocol: 1,
  worker: 'w',
  configuration: { draws: 500, prior: { sigma: 1 }, votes: { sha256: 'a' }, list: [1, 2] },
  code: 'c',
  environment: 'e',
  platform: null,
  cpus: null,
  env: {},
  repetition: 1,
  seed: 7,
  take: 1,
};

it('names nothing for equal identities', () => {
  expect(differences(before, structuredClone(before))).toEqual([]);
});

it('names each setting that changed, came or went, with its values', () => {
  const configuration = { draws: 1000, prior: { sigma: 1, mu: null }, votes: { sha256: 'a' } };
  expect(differences(before, { ...before, configuration })).toEqual([
    'draws: 500 → 1000',
    'prior.mu: not set → null',
    'list: [1,2] → not set',
  ]);
});

it('names the modules of a Python file that changed, by its own name', () => {
  const of = (modules: Record<string, string>) => ({ ...before, configuration: { model: { sha256: 'a', modules } } });
  const [from, to] = [
    of({ 'a.py': '1', 'b.py': '1', 'p/c.py': '1' }),
    of({ 'b.py': '2', 'p/c.py': '1', 'p/d.py': '1' }),
  ];
  expect(differences(from, from)).toEqual([]);
  expect(differences(from, to, { model: 'models/m.py' })).toEqual([
    'models/a.py, which models/m.py imports no more',
    'models/b.py, which models/m.py imports',
    'models/p/d.py, which models/m.py imports now',
  ]);
  expect(differences(from, { ...to, configuration: { model: { sha256: 'b', modules: {} } } })[0]).toBe(
    'contents of model',
  );
  expect(differences(from, to)[1]).toBe('b.py, which model imports');
});

it('names what differs between two platforms', () => {
  const of = (platform: Identity['platform']) => ({ ...before, platform });
  const box = { profile: 'box', rules: { cores: { least: 2, level: 'refuse' }, swap: { most_gib: 0, level: 'warn' } } };
  const larger = { profile: 'box', rules: { cores: { least: 4, level: 'refuse' } } };
  expect(differences(of(box), of(structuredClone(box)))).toEqual([]);
  expect(differences(of(box), of(larger))).toEqual([
    'platform.rules.cores.least: 2 → 4',
    'platform.rules.swap: {"level":"warn","most_gib":0} → not set',
  ]);
  expect(differences(of(box), of(null))).toEqual(['platform']);
});

it('names contents of data, code, dependencies, platform, cores, environment, seed and take', () => {
  const after: Identity = {
    ...before,
    configuration: { ...before.configuration, votes: { sha256: 'b' } },
    code: 'd',
    environment: 'f',
    platform: { cpu: 'x' },
    cpus: 2,
    env: { CUDA_VISIBLE_DEVICES: '0' },
    seed: 8,
    take: 2,
  };
  expect(differences(before, after)).toEqual([
    'contents of votes',
    'measuring code',
    'locked dependencies',
    'platform',
    'cpus: any → 2',
    'passed environment variables',
    'seed: 7 → 8',
    'take: 1 → 2',
  ]);
});

it('tells that contents are not hashed yet, instead of their stamps', () => {
  const after = { ...before, configuration: { ...before.configuration, votes: { unhashed: '/models/one.bin' } } };
  expect(differences(before, after)).toEqual(['contents of votes, which are not hashed yet']);
});

it('names the major versions of Node', () => {
  const on = (environment: string | null) => ({ ...before, environment });
  expect(differences(on('node 20'), on('node 22'))).toEqual(['Node: 20 → 22']);
  expect(differences(on(null), on('node 22'))).toEqual(['Node: not recorded → 22']);
  expect(differences(on(null), on('f'))).toEqual(['locked dependencies']);
});
