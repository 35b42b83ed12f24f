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

// An engine takes a moment to start a container, a busy one seconds, and each question takes some CPU time: after 1, 2, 4 and 8
// looks, then at every eighth. The kills before it is found can't be told apart, so it must be found soon after its start.
const LOOKS_BETWEEN = 8;
const TIMES_ASKED = 60;
// An engine may run it on another machine, where nobody here reads its counter.
const TIMES_FOUND = 3;

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
  let nextAsk = 1;
  let asked = 0;
  let found = 0;
  let isAsking = false;

  const read = () => {
    // First, so that a kill in between is seen as one of the container, or as unsure.
    const ofSystem = counts.ofSystem();
    const counted = counter?.() ?? null;
    if (counted === null) return;
    kills = Math.max(kills, counted);
    systemKillsSeen = ofSystem;
  };
  const ask = async (token: string) => {
    isAsking = true;
    asked += 1;
    nextAsk = looks + Math.min(looks, LOOKS_BETWEEN);
    const running = await container.find(token).catch(() => null);
    if (running !== null) found += 1;
    // On another machine its number is that of another process; all engines name the group by the container.
    counter = running && counts.ofProcess(running.pid, running.id);
    isAsking = false;
  };
  return {
    look(token) {
      if (counter !== null) return read();
      looks += 1;
      if (!isAsking && looks >= nextAsk && asked < TIMES_ASKED && found < TIMES_FOUND) void ask(token);
    },
    lookAgain: read,
    isKilled(systemKills) {
      if (kills > 0) return true;
      return systemKills > systemKillsSeen ? 'unsure' : false;
    },
  };
}
