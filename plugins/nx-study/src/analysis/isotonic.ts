/**
 * The values that never fall and lie nearest to the given ones by weighted squares: pool adjacent violators (Barlow,
 * Bartholomew, Bremner and Brunk (1972), Statistical inference under order restrictions, 1.2).
 * @param values - finite, in their order.
 * @param weights - above 0, one for each value.
 * @returns as many values, in the unit of the given ones.
 */
export function isotonic(values: readonly number[], weights: readonly number[]): number[] {
  const pools: { mean: number; weight: number; size: number }[] = [];
  for (const [index, value] of values.entries()) {
    let pool = { mean: value, weight: weights[index]!, size: 1 };
    while (pools.length > 0 && pools.at(-1)!.mean >= pool.mean) {
      const before = pools.pop()!;
      const weight = before.weight + pool.weight;
      pool = {
        mean: (before.mean * before.weight + pool.mean * pool.weight) / weight,
        weight,
        size: before.size + pool.size,
      };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ mean, size }) => Array.from({ length: size }, () => mean));
}
