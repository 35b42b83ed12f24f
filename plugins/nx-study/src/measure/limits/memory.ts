import { writeFileSync } from 'node:fs';
import { limitTexts } from './texts.ts';
import { memoryMeter } from '../../machine/memory.ts';
import { makeMemoryGroup, oomKillsOf, systemOomKills, MEMORY_GROUPS } from '../../machine/memory-group.ts';
import type { MemoryGroup } from '../../machine/memory-group.ts';
import { tried } from '../../base/errno.ts';
import { treeMemory } from '../../machine/tree-memory.ts';
import type { TreeMemory } from '../../machine/tree-memory.ts';
import type { Finding } from '../../record/schema.ts';
import type { Running, Watcher } from '../watch/watcher.ts';
import { followKills } from './container-kills.ts';
import type { FollowedContainer } from './container-kills.ts';

export interface MemoryWatcher extends Watcher {
  /** A kill by the kernel for lack of memory while the worker ran: one of its own processes, or anybody's; null otherwise. */
  killed(): { message: string; own: boolean } | null;
  findings(): Finding[];
}

// A small file or two each time. An allocation of some GB a second must not outrun the samples.
const POLL_MS = 250;
// With less available memory the machine swaps, or the kernel kills any process.
// Chosen, not measured.
const RESERVE_BYTES = 192 * 2 ** 20;
// With so much memory available it is enough to sample every second.
const PLENTY_BYTES = 4 * 2 ** 30;

interface Watched {
  /** null where there is none. */
  limit_bytes: number | null;
  /** The container in which the worker runs, where its engine enforces the limit; else null. */
  container: FollowedContainer | null;
  /** Whether a job of Slurm has the control group of this process for itself. */
  inJob: boolean;
}

/** Enforces a worker's memory limit, and ends the worker before the machine runs out of memory. */
export function watchMemory({ limit_bytes, container, inJob }: Watched): MemoryWatcher {
  // The process that is seen here is the engine's client.
  const ownLimit = container === null ? limit_bytes : null;
  const inContainer = container === null || limit_bytes === null ? null : followKills(container);
  const jobKills = inJob && container === null ? oomKillsOf('self') : null;
  const jobKillsBefore = jobKills?.() ?? 0;
  let running: Running | null = null;
  let tree: TreeMemory | null = null;
  let group: MemoryGroup | null = null;
  let timer: NodeJS.Timeout | undefined;
  let whyWatched: string | null = null;
  let kills = 0;
  let killsOfJob = 0;
  const systemKillsBefore = systemOomKills();
  let systemKills = systemKillsBefore;
  const availableMemory = memoryMeter();

  const sample = () => {
    if (running === null || tree === null) return;
    inContainer?.look(running.token);
    const { bytes: available, of_bytes: all } = availableMemory();
    if (available < RESERVE_BYTES) {
      const used = tree.read();
      // Memory that others took is not the worker's fault: the next run tries it again.
      const type = used > (all - available) / 2 ? 'oom' : 'neighbour';
      running.end({ type, message: limitTexts.exhausted(available, used), atOnce: true });
    } else if (ownLimit !== null && group === null) {
      const used = tree.read();
      if (used > ownLimit) running.end({ type: 'oom', message: limitTexts.overMemory(ownLimit, used), atOnce: true });
    }
    const isHeld = inContainer === null && (ownLimit === null || group !== null);
    timer = setTimeout(sample, available > PLENTY_BYTES && isHeld ? 4 * POLL_MS : POLL_MS);
  };
  return {
    started(it) {
      running = it;
      tree = treeMemory(it.pid);
      // If the kernel has to kill a process, it shall choose the worker, not its supervisor.
      tried(() => writeFileSync(`/proc/${it.pid}/oom_score_adj`, '1000'));
      if (ownLimit !== null) {
        const made = makeMemoryGroup(`${MEMORY_GROUPS}${process.pid}`, ownLimit);
        group = made.value;
        whyWatched = made.reason;
        try {
          group?.add(it.pid);
        } catch (error) {
          whyWatched = (error as Error).message;
          group?.remove();
          group = null;
        }
      }
      timer = setTimeout(sample, POLL_MS);
    },
    ended() {
      clearTimeout(timer);
      running = null;
      kills = group?.oomKills() ?? 0;
      group?.remove();
      killsOfJob = (jobKills?.() ?? 0) - jobKillsBefore;
      inContainer?.lookAgain();
      systemKills = systemOomKills();
    },
    killed() {
      if (kills > 0) return { message: limitTexts.killedByKernel(limit_bytes), own: true };
      if (killsOfJob > 0) return { message: limitTexts.killedByKernel(null), own: true };
      const isOfContainer = inContainer?.isKilled(systemKills) ?? false;
      if (isOfContainer !== false)
        return {
          message: limitTexts.killedInContainer(limit_bytes!, isOfContainer === 'unsure' ? container!.name : null),
          own: true,
        };
      return systemKills > systemKillsBefore ? { message: limitTexts.killedByKernel(null), own: false } : null;
    },
    findings: () =>
      whyWatched === null ? [] : [{ code: 'memory-limit-watched', message: limitTexts.watched(whyWatched) }],
  };
}
