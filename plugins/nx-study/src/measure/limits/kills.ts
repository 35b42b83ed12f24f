import { oomKillsOf, systemOomKills } from '../../machine/memory-group.ts';
import { followKills } from './container-kills.ts';
import type { FollowedContainer } from './container-kills.ts';
import { limitTexts } from './texts.ts';

/** A kill by the kernel for lack of memory. */
export interface Kill {
  message: string;
  /** Whether it was one of the worker's processes, and not just anybody's. */
  own: boolean;
}

export interface WatchedMemory {
  /** null where there is none. */
  limit_bytes: number | null;
  /** The container in which the worker runs, where its engine enforces the limit; else null. */
  container: FollowedContainer | null;
  /** Whether a job of Slurm has the control group of this process for itself. */
  inJob: boolean;
}

/** Counts the kernel's kills from now on until the end of a worker. */
export interface Kills {
  /** Call it some times a second: the counter of a container is gone soon after its end. */
  look(token: string): void;
  /** `ownKills`: those in the worker's own control group, whoever was short of memory; null without such a group. */
  end(ownKills: number | null): void;
  killed(): Kill | null;
}

/** Whose kills those were: of the worker's own control group, of that of its job or its container, or of anybody beside it. */
export function countKills({ limit_bytes, container, inJob }: WatchedMemory): Kills {
  const ofContainer = container === null || limit_bytes === null ? null : followKills(container);
  const ofJob = inJob && container === null ? oomKillsOf('self') : null;
  // Those in the control group of this process, in which the worker is as well; in the whole system where it is not known.
  const ofGroup = container === null ? oomKillsOf('self') : null;
  const near = () => ofGroup?.() ?? systemOomKills();
  const before = { job: ofJob?.() ?? 0, near: near(), system: systemOomKills() };
  let after: typeof before & { own: number | null } = { own: null, ...before };
  return {
    look: (token) => ofContainer?.look(token),
    end(own) {
      ofContainer?.lookAgain();
      after = { own, job: ofJob?.() ?? 0, near: near(), system: systemOomKills() };
    },
    killed() {
      if ((after.own ?? 0) > 0) return { message: limitTexts.killedByKernel(limit_bytes), own: true };
      if (after.job > before.job) return { message: limitTexts.killedByKernel(null), own: true };
      const inContainer = ofContainer?.isKilled(after.system) ?? false;
      const unsure = inContainer === 'unsure' ? container!.name : null;
      if (inContainer !== false) return { message: limitTexts.killedInContainer(limit_bytes!, unsure), own: true };
      // The kernel counts a kill for the group of whom it killed: with one of its own, a kill elsewhere is not the worker's.
      if (after.own !== null) return null;
      return after.near > before.near ? { message: limitTexts.killedByKernel(null), own: false } : null;
    },
  };
}
