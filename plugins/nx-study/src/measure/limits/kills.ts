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
  // The worker is in the control group of this process as well, unless an engine runs it.
  const ofGroup = container === null ? oomKillsOf('self') : null;
  const near = () => (ofGroup === null ? systemOomKills() : (ofGroup() ?? 0));
  const before = near();
  let after: { own: number | null; near: number } = { own: null, near: before };
  return {
    look: (token) => ofContainer?.look(token),
    end(own) {
      ofContainer?.lookAgain();
      after = { own, near: near() };
    },
    killed() {
      if ((after.own ?? 0) > 0) return { message: limitTexts.killedByKernel(limit_bytes), own: true };
      const isNear = after.near > before;
      if (isNear && inJob && ofGroup !== null) return { message: limitTexts.killedByKernel(null), own: true };
      const inContainer = ofContainer?.isKilled(after.near) ?? false;
      const unsure = inContainer === 'unsure' ? container!.name : null;
      if (inContainer !== false) return { message: limitTexts.killedInContainer(limit_bytes!, unsure), own: true };
      // The kernel counts a kill for the group of whom it killed: with one of its own, a kill elsewhere is not the worker's.
      return isNear && after.own === null ? { message: limitTexts.killedByKernel(null), own: false } : null;
    },
  };
}
