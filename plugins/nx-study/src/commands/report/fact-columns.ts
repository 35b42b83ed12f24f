import type { Row } from '../../state/rows.ts';
import { LONGEST_HEAD, plain, shorten } from '../../base/layout.ts';
import type { Column } from './column.ts';

/** The main facts that are known of some row. */
export function factColumns(rows: readonly Row[], rank: number): Column[] {
  const labels = new Map<string, string>();
  for (const { facts } of rows)
    for (const { name, label, main, value } of facts) if (main && value !== null) labels.set(name, label);
  return [...labels].map(([name, label], index) => ({
    head: plain(label),
    unit: '',
    align: 'left',
    rank: rank + index,
    cells: rows.map(({ facts }) => {
      const value = facts.find((fact) => fact.name === name)?.value ?? '';
      return shorten(plain(String(value)), LONGEST_HEAD);
    }),
  }));
}
