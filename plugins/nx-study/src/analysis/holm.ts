/**
 * P values adjusted for all comparisons that are shown: Holm (1979), A simple sequentially rejective multiple test
 * procedure. Among comparisons without a real difference, the chance that any has an adjusted p below 0.05 is at most 5 %.
 * @param pValues - null where there is none; these are not counted.
 * @returns one for each, in the same order; null where there was none.
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues
    .flatMap((p, index) => (p === null ? [] : [{ p, index }]))
    .toSorted((one, other) => one.p - other.p);
  const adjusted = pValues.map((): number | null => null);
  let highest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (order.length - rank)));
    adjusted[index] = highest;
  }
  return adjusted;
}
