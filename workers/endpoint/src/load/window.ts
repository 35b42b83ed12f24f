/** In which the asked load was kept, on the clock of the main thread; or why there is no such time. */
export type Window = { from_s: number; to_s: number } | { reason: string };

/** Follows when all users had a request under way, the first measured one among them; told of each request once it has ended. */
export function keptLoad(users: number) {
  /** When the first request of each user started. */
  const begun = new Map<number, number>();
  let measured_s = Infinity;
  return {
    ended(user: number, start_s: number, isMeasured: boolean): void {
      if (!begun.has(user)) begun.set(user, start_s);
      if (isMeasured) measured_s = Math.min(measured_s, start_s);
    },
    /** Up to when the first user found no request to start. */
    until(to_s: number): Window {
      if (begun.size < users) return { reason: `only ${begun.size} of ${users} users had a request to send` };
      const from_s = [...begun.values()].reduce((last_s, start_s) => Math.max(last_s, start_s), measured_s);
      if (to_s <= from_s) return { reason: `the last request was started before all ${users} users had one under way` };
      return { from_s, to_s };
    },
  };
}
