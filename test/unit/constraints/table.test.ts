import { expect, test } from 'vitest';
import { tableOf } from '../../../plugins/nx-study/src/constraints/table.ts';
import type { Facts } from '../../../plugins/nx-study/src/constraints/table.ts';
import { constraintsSchema } from '../../../plugins/nx-study/src/worker/constraints.ts';
import { aWorker } from '../worker/manifest.ts';

const RULE = {
  id: 'fits',
  settings: { 'cache.tokens': { type: 'integer', exclusiveMinimum: { $data: '/model/positions' } } },
  message: '{settings.cache.tokens} tokens for {model.positions} positions',
  hint: 'Take fewer.',
  engine: { does: 'refuses', source: 'engine.py: check', seen: '1.5.0', says: 'too long' },
  examples: { refused: {}, accepted: {} },
};

function tableWith(change: object = {}, locked = ['1.5.0']) {
  const engine = { name: 'An engine', packages: ['engine'], versions: '>=1.5,<1.6' };
  const parsed = constraintsSchema.parse({ engine, rules: [{ ...RULE, ...change }] });
  const configSchema = { properties: { cache: { properties: { tokens: { type: ['integer', 'null'] } } } } };
  const worker = aWorker({ constraints: 'constraints.json' });
  return tableOf({ ...worker, configSchema, constraints: { ...parsed, locked, packages: {} } });
}

const facts = (tokens: number | null, model: Facts['model'] = { positions: 10 }, packages = {}): Facts => ({
  settings: { cache: { tokens } },
  work: {},
  model,
  machine: {},
  packages,
});

test('a rule compares a setting with a fact, and shows both', () => {
  const table = tableWith();
  expect(table(facts(11)).map(({ message }) => message)).toEqual(['11 tokens for 10 positions']);
  expect(table(facts(10))).toEqual([]);
});

test('what is not known, or not set, refuses nothing', () => {
  const table = tableWith();
  expect(table(facts(11, {}))).toEqual([]);
  expect(table(facts(null))).toEqual([]);
  expect(table(facts(11, { positions: null }))).toEqual([]);
});

test('a rule may need that no lock has a package; where the locks do not say, it refuses nothing', () => {
  const table = tableWith({ packages: { 'fast-engine': { type: 'null' } } });
  expect(table(facts(11, undefined, { 'fast-engine': null }))).toHaveLength(1);
  expect(table(facts(11, undefined, { 'fast-engine': '2.0' }))).toEqual([]);
  expect(table(facts(11))).toEqual([]);
});

test.each([['1.4.9'], ['1.6.0'], []])('a table for other versions of the engine refuses nothing: %s', (...locked) => {
  expect(tableWith({}, locked)(facts(11))).toEqual([]);
  expect(tableWith({}, ['1.5.0', ...locked])(facts(11))).toHaveLength(locked.length === 0 ? 1 : 0);
});

test.each([
  [{ settings: { 'cache.token': true } }, /the rule `fits` can't be used: the worker has no setting `cache\.token`/],
  [{ model: { head: true } }, /head/],
  [{ message: '{model.head} heads' }, /there is no fact `model\.head`/],
  [{ settings: { 'cache.tokens': { exclusiveMinimum: { $data: '/model/position' } } } }, /no fact `model\.position`/],
  // Without a type, a condition on a number would hold for null, too.
  [{ settings: { 'cache.tokens': { exclusiveMinimum: 3 } } }, /missing type "number"/],
  [{ settings: { 'cache.tokens': { type: 'integer', exclusiveMin: 3 } } }, /unknown keyword/],
  [{ settings: { 'cache.tokens': { type: 'integer', exclusiveMinimum: '3' } } }, /exclusiveMinimum/],
  [{ settings: {} }, /it names no setting/],
  [{ packages: { 'A.B': { type: 'null' } } }, /a package has/],
  [{ engine: { ...RULE.engine, says: undefined } }, /is missing, and the engine was seen to refuse it/],
  [
    { engine: { ...RULE.engine, does: 'changes', how: 'takes ten' } },
    /is missing, and the engine was seen to change it/,
  ],
  [{ engine: { ...RULE.engine, does: 'allows' }, worker: 'check.py' }, /is missing, and the engine does not refuse it/],
  [{ engine: { ...RULE.engine, does: 'allows', how: 'does it' } }, /is missing, and the engine allows it/],
])('a rule that could never apply, or to too much, is refused: %j', (change, message) => {
  expect(() => tableWith(change)).toThrow(message);
});
