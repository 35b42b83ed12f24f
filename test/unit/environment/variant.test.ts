import { expect, test } from 'vitest';
import { variantOf } from '../../../plugins/nx-study/src/environment/variant.ts';
import { worker } from './helpers.ts';
import { lockFiles, ownLock } from '../../../plugins/nx-study/src/worker/lock-files.ts';

const of = (environment: object) => worker(environment).manifest.environment;
const variants = { by: 'device', locks: { cpu: 'cpu.lock', cuda: 'cuda.lock' } };
const both = of({ type: 'uv', python: '>=3.11', variants });
const no = false;
const yes = true;

test.each([
  ['cpu', yes, 'cpu'],
  ['cuda', no, 'cuda'],
  ['auto', yes, 'cuda'],
  ['auto', no, 'cpu'],
  ['metal', yes, 'cpu'],
  [null, yes, 'cpu'],
  ['__proto__', yes, 'cpu'],
  ['constructor', yes, 'cpu'],
])('device %j (a GPU: %o) takes %s', (device, hasNvidia, variant) => {
  expect(variantOf(both, { device }, hasNvidia)).toBe(variant);
});

test('without a variant of that name `auto` takes the first one', () => {
  const locks = { small: 'small.lock', large: 'large.lock' };
  expect(variantOf(of({ type: 'uv', python: '3', variants: { by: 'size', locks } }), { size: 'auto' }, yes)).toBe(
    'small',
  );
});

test('an environment without variants has none', () => {
  for (const environment of [{ type: 'system' }, { type: 'npm', lock: 'package-lock.json' }])
    expect(variantOf(of(environment), { device: 'cuda' }, yes)).toBe(null);
});

test('lists the files that each is made from', () => {
  expect(lockFiles(both)).toEqual(
    new Map([
      ['cpu', ['cpu.lock']],
      ['cuda', ['cuda.lock']],
    ]),
  );
  expect(lockFiles(of({ type: 'npm', lock: 'a/package-lock.json' }))).toEqual(
    new Map([[null, ['a/package-lock.json', 'a/package.json']]]),
  );
  expect(lockFiles(of({ type: 'system' }))).toEqual(new Map());
});

test.each([
  [{ type: 'uv', python: '3' }, /either `lock` or `variants`/],
  [{ type: 'uv', python: '3', lock: 'a.lock', variants }, /either `lock` or `variants`/],
  [{ type: 'uv', python: '3', variants: { by: 'device', locks: {} } }, /it has no variant/],
  [{ type: 'uv', python: '3', lock: '../other/a.lock' }, /below the worker's folder/],
  [{ type: 'uv', python: '3', lock: '/etc/passwd' }, /below the worker's folder/],
  [{ type: 'uv', python: '3', lock: 'a\\..\\b' }, /below the worker's folder/],
  [{ type: 'npm', lock: 'yarn.lock' }, /the path of a package-lock\.json/],
  [
    { type: 'npm', variants: { by: 'device', locks: { __proto__: null, '../x': 'a/package-lock.json' } } },
    /a variant has a name/,
  ],
  [{ type: 'container', image: '--privileged' }, /the name of an image/],
  [{ type: 'container', image: 'a b' }, /the name of an image/],
])('refuses %j', (environment, problem) => {
  expect(() => of(environment)).toThrow(problem);
});

test('a lock of the study takes the place of those of the worker where the setting has one', () => {
  const own = of({ type: 'uv', python: '3', lock: 'a.lock', own: 'requirements' });
  expect(ownLock(own, { requirements: 'models/b.lock' })).toBe('models/b.lock');
  for (const configuration of [{}, { requirements: null }]) expect(ownLock(own, configuration)).toBe(null);
  expect(ownLock(both, { requirements: 'models/b.lock' })).toBe(null);
});
