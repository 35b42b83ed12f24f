/** What the events of an answer said of its tokens, in the order of their arrival. */
export interface Listed {
  times_s: number[];
  hasText: boolean[];
  /** The server's counts at these pieces; null where it told none. */
  counts: (number | null)[];
  /** All counts that it told, also beside pieces. */
  told: number[];
}

const FIRST_EVENTS = 64;
/** Numbers of an event: its time, its count, and what it was. */
const WIDTH = 3;
const UNCOUNTED = -1;
const [COUNT_ALONE, WITHOUT_TEXT, WITH_TEXT] = [0, 1, 2];

/**
 * Collects them as plain numbers in memory of their own: lists that grow while many answers are under way keep the garbage collector
 * busy, which then makes the client late.
 */
export class Pieces {
  #numbers = new Float64Array(FIRST_EVENTS * WIDTH);
  #used = 0;
  /** How many there are so far, without counts that came alone. */
  length = 0;

  add(time_s: number, count: number | null, isPiece: boolean, hasText: boolean): void {
    if (this.#used === this.#numbers.length) this.#grow();
    this.#numbers[this.#used] = time_s;
    this.#numbers[this.#used + 1] = count ?? UNCOUNTED;
    this.#numbers[this.#used + 2] = !isPiece ? COUNT_ALONE : hasText ? WITH_TEXT : WITHOUT_TEXT;
    this.#used += WIDTH;
    if (isPiece) this.length += 1;
  }

  #grow(): void {
    const before = this.#numbers;
    this.#numbers = new Float64Array(2 * before.length);
    this.#numbers.set(before);
  }

  listed(): Listed {
    const all: Listed = { times_s: [], hasText: [], counts: [], told: [] };
    for (let at = 0; at < this.#used; at += WIDTH) {
      const [count, kind] = [this.#numbers[at + 1]!, this.#numbers[at + 2]];
      if (count !== UNCOUNTED) all.told.push(count);
      if (kind === COUNT_ALONE) continue;
      all.times_s.push(this.#numbers[at]!);
      all.hasText.push(kind === WITH_TEXT);
      all.counts.push(count === UNCOUNTED ? null : count);
    }
    return all;
  }
}
