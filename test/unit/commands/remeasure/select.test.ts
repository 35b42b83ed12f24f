import { expect, it } from 'vitest';
import type { Row } from '../../../../plugins/nx-study/src/state/rows.ts';
import { select } from '../../../../plugins/nx-study/src/commands/remeasure/select.ts';
import type { Selection } from '../../../../plugins/nx-study/src/commands/remeasure/select.ts';

const row = (id: string, change: { codes?: string[]; failure?: string; state?: string; part?: number } = {}): Row =>
  ({
    id,
    label: id.replace(/-[0-9a-f]{8}(-r\d+)?$/, ''),
    part: { name: null, index: change.part ?? 0, of: 1 },
    findings: (change.codes ?? []).map((code) => ({ code, message: '' })),
    failure: change.failure ? { type: change.failure } : null,
    state: change.state ?? (change.failure ? 'failed' : 'measured'),
  }) as unknown as Row;

const rows = [
  row('value-1-00000000', { codes: ['throttled'] }),
  row('value-1-00000000-r2', { codes: ['neighbour'] }),
  row('value-1-5-11111111', { codes: [] }),
  row('value-1-5-11111111', { codes: ['trend'], part: 1 }),
  row('large-22222222', { failure: 'oom' }),
  row('old-33333333', { failure: 'timeout', state: 'stale' }),
];
const chosen = (selection: Partial<Selection>) =>
  select(rows, { id: [], flagged: [], failed: [], ...selection }).map(({ id }) => id);

it('a label means its repetitions, a whole id one of them, a beginning all that begin so', () => {
  expect(chosen({ id: ['value-1'] })).toEqual(['value-1-00000000', 'value-1-00000000-r2']);
  expect(chosen({ id: ['value-1-00000000'] })).toEqual(['value-1-00000000']);
  expect(chosen({ id: ['value-1-'] })).toEqual(['value-1-00000000', 'value-1-00000000-r2', 'value-1-5-11111111']);
});

it('flags and failures add up, and ids choose among them', () => {
  expect(chosen({ flagged: ['throttled', 'neighbour'] })).toEqual(['value-1-00000000', 'value-1-00000000-r2']);
  expect(chosen({ flagged: ['neighbour'], failed: ['oom'] })).toEqual(['value-1-00000000-r2', 'large-22222222']);
  expect(chosen({ flagged: ['neighbour'], failed: ['oom'], id: ['large'] })).toEqual(['large-22222222']);
  expect(chosen({ flagged: ['neighbour'], id: ['large'] })).toEqual([]);
});

it('a flag of one part of a measurement chooses it, once', () => {
  expect(chosen({ flagged: ['trend'] })).toEqual(['value-1-5-11111111']);
});

it('a failure under earlier settings is none of now', () => {
  expect(() => chosen({ failed: ['timeout'] })).toThrow('Nothing of this study failed with "timeout", but with: oom.');
});
