/** Numbers of an event: its time, and its count together with its kind. */
const WIDTH = 2;
const FEWEST_EVENTS = 16;
const MOST_EVENTS = 4096;
const UNCOUNTED = -1;
const [COUNT_ALONE, WITHOUT_TEXT, WITH_TEXT] = [0, 1, 2];
const KINDS = 3;

/** Room for so many events: for as many as the last answer had, within these limits. */
let usual = 64;

/**
 * What the events of an answer said of its tokens, in the order of their arrival. Plain numbers in memory of their own: lists that grow
 * while many answers are under way keep the garbage collector busy, which then makes the client late.
 */
export class Pieces {
  #numbers = new Float64Array(usual * WIDTH);
  /** Events so far: pieces, and counts that came alone. */
  events = 0;
  /** Pieces alone. */
  length = 0;
  /** Of these, how many had text. */
  withText = 0;

  add(time_s: number, count: number | null, isPiece: boolean, hasText: boolean): void {
    const at = this.events * WIDTH;
    if (at === this.#numbers.length) this.#grow();
    const kind = !isPiece ? COUNT_ALONE : hasText ? WITH_TEXT : WITHOUT_TEXT;
    this.#numbers[at] = time_s;
    this.#numbers[at + 1] = KINDS * ((count ?? UNCOUNTED) - UNCOUNTED) + kind;
    this.events += 1;
    if (isPiece) this.length += 1;
    if (kind === WITH_TEXT) this.withText += 1;
  }

  #grow(): void {
    const before = this.#numbers;
    this.#numbers = new Float64Array(2 * before.length);
    this.#numbers.set(before);
  }

  /** Nothing comes any more. */
  close(): void {
    usual = Math.min(MOST_EVENTS, Math.max(FEWEST_EVENTS, this.events));
  }

  time_s(event: number): number {
    return this.#numbers[event * WIDTH]!;
  }

  /** The server's count at that event; null where it told none. */
  count(event: number): number | null {
    const count = Math.floor(this.#numbers[event * WIDTH + 1]! / KINDS) + UNCOUNTED;
    return count === UNCOUNTED ? null : count;
  }

  isPiece(event: number): boolean {
    return this.#kind(event) !== COUNT_ALONE;
  }

  hasText(event: number): boolean {
    return this.#kind(event) === WITH_TEXT;
  }

  /** The first event for which that is so; null without any. */
  find(isIt: (event: number) => boolean): number | null {
    for (let event = 0; event < this.events; event += 1) if (isIt(event)) return event;
    return null;
  }

  #kind(event: number): number {
    return this.#numbers[event * WIDTH + 1]! % KINDS;
  }
}
