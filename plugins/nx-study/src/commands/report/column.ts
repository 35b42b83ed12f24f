export interface Column {
  head: string;
  unit: string;
  align: 'left' | 'right';
  /** One for every row; may have several lines. */
  cells: string[];
  /** Lower ones stay longer when there is little room; those of rank 0 always. */
  rank: number;
}
