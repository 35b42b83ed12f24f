import { describe, expect, it } from 'vitest';
import { sortableTable } from '../../../plugins/nx-study/src/figures/data-table.ts';
import { HOSTILE, table } from '../../helpers/gallery.ts';

const rowOf = (cells: Parameters<typeof sortableTable>[0]['rows'][number]['cells']): string =>
  /<tbody>\s*<tr>(.*)<\/tr>/s.exec(sortableTable({ caption: 'c', columns: [], rows: [{ cells }] }).text)![1]!;

describe('sortableTable', () => {
  it('names rows and columns, each column with a button', () => {
    expect(table.text.match(/<th scope="col"/g)).toHaveLength(6);
    expect(table.text.match(/<button type="button">/g)).toHaveLength(6);
    expect(table.text.match(/<th scope="row">/g)).toHaveLength(5);
    expect(table.text).toMatch(/<caption>\s*All measurements/);
  });

  it('gives each number its full value', () => {
    expect(rowOf(['a', -0.000_123_456, 12_336, { value: 1, shown: 'baseline' }])).toBe(
      '<th scope="row">a</th><td data-v="-0.000123456">−0.000123</td><td data-v="12336">12,336</td><td data-v="1">baseline</td>',
    );
  });

  it('says that there is no value, and why', () => {
    expect(rowOf(['a', null, { value: null, reason: 'failed' }, { value: Number.NaN }, ''])).toBe(
      '<th scope="row">a</th><td class="none">no value</td><td class="none">no value<small>failed</small></td><td class="none">no value</td><td></td>',
    );
  });

  it('escapes names, details and captions', () => {
    const { text } = sortableTable({
      caption: HOSTILE,
      columns: [{ name: HOSTILE, detail: HOSTILE }],
      rows: [{ cells: [{ value: HOSTILE, detail: HOSTILE }] }, { cells: [{ value: 1, shown: HOSTILE }] }],
    });
    expect(text).not.toContain('<script');
    expect(text.match(/&lt;script&gt;/g)).toHaveLength(7);
  });
});
