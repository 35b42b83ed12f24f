import { clock_s } from '../../../kits/node/inference/time.ts';

/** In which the asked load was kept, on the clock of this process; or why there is no such time. */
export type Window = { from_s: number; to_s: number } | { reason: string };

/** Follows when all users had a request under way, the first measured one among them. */
export function keptLoad(users: number) {
  const begun = new Set<number>();
  let all_s: number | null = null;
  let measured_s: number | null = null;
  return {
    underWay(user: number): void {
      if (begun.add(user).size === users) all_s ??= clock_s();
    },
    measured(): void {
      measured_s ??= clock_s();
    },
    /** Up to when the first user found no request to start. */
    until(to_s: number): Window {
      if (all_s === null) return { reason: `only ${begun.size} of ${users} users had a request to send` };
      const from_s = Math.max(all_s, measured_s ?? all_s);
      if (to_s <= from_s) return { reason: `the last request was started before all ${users} users had one under way` };
      return { from_s, to_s };
    },
  };
}
