/** Lets no more than so many in at once; the others wait in their order. */
export interface Gate {
  /** null: it is open; otherwise when it is. */
  enter(): Promise<void> | null;
  leave(): void;
}

export function gateOf(most: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    enter() {
      if (inside < most) {
        inside += 1;
        return null;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    },
  };
}
