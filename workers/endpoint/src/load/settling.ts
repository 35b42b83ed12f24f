/** Follows the requests that bring the load of an open loop up. */
export interface Settling {
  /** Of each: after how many seconds from the beginning it was due, in order, and what becomes of it. */
  add(due_s: number, request: Promise<unknown>): void;
  /** Whether all that were due up to then have ended, and at least one: before, nobody knows how long they take. */
  haveEnded(until_s: number): boolean;
}

export function followSettling(): Settling {
  const due: number[] = [];
  const ended: boolean[] = [];
  /** All before it have ended. */
  let first = 0;
  return {
    add(due_s, request) {
      const index = due.push(due_s) - 1;
      const end = () => {
        ended[index] = true;
        while (ended[first]) first += 1;
      };
      request.then(end, end);
    },
    haveEnded: (until_s) => first > 0 && (due[first] ?? Infinity) > until_s,
  };
}
