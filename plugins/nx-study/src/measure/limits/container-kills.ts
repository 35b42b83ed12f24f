import type { RunningContainer } from '../../environment/leftovers.ts';
import { oomKillsOf, systemOomKills } from '../../machine/memory-group.ts';

/** A container whose processes are its engine's, and none of ours. */
export interface FollowedContainer {
  /** Of its engine, for a person. */
  name: string;
  /** null while it does not run. */
  find(token: string): Promise<RunningContainer | null>;
}

/** The kernel's kills for lack of memory in the control group of a container, which is gone soon after its end. */
export interface ContainerKills {
  /** Looks for the container until it is found, and then at its counter. */
  look(token: string): void;
  /** Looks at its counter a last time. */
  lookAgain(): void;
  /** Whether the kernel killed one of its processes; `unsure` for a kill somewhere in the system that came after the last look. */
  isKilled(systemKills: number): boolean | 'unsure';
}

// An engine takes a moment to start a container, and each question takes some CPU time: the first one comes with the first look.
const TIMES_ASKED = 7;

/** `counts`: for tests, the counters of a process's control group and of the whole system. */
export function followKills(
  container: FollowedContainer,
  counts = { ofProcess: oomKillsOf, ofSystem: () => systemOomKills() },
): ContainerKills {
  let counter: (() => number | null) | null = null;
  /** What the system had counted at the last look at which the container had no kill; at first nobody has looked. */
  let systemKillsSeen = counts.ofSystem();
  let kills = 0;
  let looks = 0;
  let asked = 0;
  let isAsking = false;

  const read = () => {
    // First, so that a kill in between is seen as one of the container, or as unsure.
    const ofSystem = counts.ofSystem();
    const found = counter?.() ?? null;
    if (found === null) return;
    kills = Math.max(kills, found);
    systemKillsSeen = ofSystem;
  };
  const ask = async (token: string) => {
    isAsking = true;
    asked += 1;
    const found = await container.find(token).catch(() => null);
    // An engine may run it on another machine, where its number is that of another process; all name the group by the container.
    counter = found && counts.ofProcess(found.pid, found.id);
    isAsking = false;
  };
  return {
    look(token) {
      if (counter !== null) return read();
      looks += 1;
      // After 1, 2, 4 looks and so on.
      if (!isAsking && asked < TIMES_ASKED && looks >= 2 ** asked) void ask(token);
    },
    lookAgain: read,
    isKilled(systemKills) {
      if (kills > 0) return true;
      return systemKills > systemKillsSeen ? 'unsure' : false;
    },
  };
}
