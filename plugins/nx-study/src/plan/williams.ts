/**
 * A sequence of a Williams design for `count` treatments: E. J. Williams (1949), Experimental designs balanced for the
 * estimation of residual effects of treatments, doi:10.1071/CH9490149. In the complete design each treatment stands
 * equally often at each position, and each ordered pair of neighbours occurs equally often: once in the `count` sequences
 * of an even design, twice in the 2·`count` of an odd one.
 * @param number - which sequence, from 0; beyond the complete design it begins again.
 * @returns the treatments 0 to `count` − 1, each once.
 */
export function williamsSequence(count: number, number: number): number[] {
  const wrapped = number % williamsSequences(count);
  // An odd design needs each row backwards too; one after the other, a part of the design covers the most pairs.
  const row = isOdd(count) ? Math.floor(wrapped / 2) : wrapped;
  const sequence = Array.from({ length: count }, (_, position) => (zigzag(position, count) + row) % count);
  return isOdd(count) && isOdd(wrapped) ? sequence.reverse() : sequence;
}

/** How many sequences make the design complete. */
export const williamsSequences = (count: number): number => (count === 1 || !isOdd(count) ? count : 2 * count);

const isOdd = (number: number): boolean => number % 2 === 1;

// 0, 1, n−1, 2, n−2, …: its neighbours' differences modulo n are all different when n is even.
const zigzag = (position: number, count: number): number =>
  isOdd(position) ? (position + 1) / 2 : (count - position / 2) % count;
