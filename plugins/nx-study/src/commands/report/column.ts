import type { TextColumn } from '../../base/text-table.ts';

export interface Column extends TextColumn {
  /** Lower ones stay longer when there is little room; those of rank 0 always. */
  rank: number;
}
