import { writeFileSync } from 'node:fs';
import { limitTexts } from './texts.ts';
import { memoryMeter } from '../../machine/memory.ts';
import { makeMemoryGroup, MEMORY_GROUPS } from '../../machine/memory-group.ts';
import type { MemoryGroup } from '../../machine/memory-group.ts';
import { tried } from '../../base/errno.ts';
import { treeMemory } from '../../machine/tree-memory.ts';
import type { TreeMemory } from '../../machine/tree-memory.ts';
import type { Finding } from '../../record/schema.ts';
import type { Running, Watcher } from '../watch/watcher.ts';
import { countKills } from './kills.ts';
import type { Kill, WatchedMemory } from './kills.ts';

export interface MemoryWatcher extends Watcher {
  /** A kill by the kernel for lack of memory while the worker ran; null where there was none. */
  killed(): Kill | null;
  findings(): Finding[];
}

// A small file or two each time. An allocation of some GB a second must not outrun the samples.
const POLL_MS = 250;
// With less available memory the machine swaps, or the kernel kills any process.
// Chosen, not measured.
const RESERVE_BYTES = 192 * 2 ** 20;
// With so much memory available it is enough to sample every second.
const PLENTY_BYTES = 4 * 2 ** 30;

/** Enforces a worker's memory limit, and ends the worker before the machine runs out of memory. */
export function watchMemory(watched: WatchedMemory): MemoryWatcher {
  // The process that is seen here is the engine's client.
  const ownLimit = watched.container === null ? watched.limit_bytes : null;
  const kills = countKills(watched);
  let running: Running | null = null;
  let tree: TreeMemory | null = null;
  let group: MemoryGroup | null = null;
  let timer: NodeJS.Timeout | undefined;
  let whyWatched: string | null = null;
  const availableMemory = memoryMeter();

  const sample = () => {
    if (running === null || tree === null) return;
    kills.look(running.token);
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
    const isHeld = watched.container === null && (ownLimit === null || group !== null);
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
      kills.end(group?.oomKills() ?? null);
      group?.remove();
    },
    killed: kills.killed,
    findings: () =>
      whyWatched === null ? [] : [{ code: 'memory-limit-watched', message: limitTexts.watched(whyWatched) }],
  };
}
