import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addTo, treeOf } from './tree.ts';

export interface FakeProcess {
  name?: string;
  parent?: number;
  group?: number;
  session?: number;
  /** CPU time of its own, and of children that it waited for, s. */
  cpu_s?: number;
  children_cpu_s?: number;
  start?: number;
  pages?: number;
  environ?: string;
}

/** A /proc as proc(5) describes it, of which each `set` replaces all processes. */
export async function fakeProc() {
  const root = await treeOf({});
  let known: string[] = [];
  return {
    root,
    async set(processes: Record<number, FakeProcess>, cpu: { busy_s: number; steal_s?: number } = { busy_s: 0 }) {
      const pids = Object.keys(processes);
      await Promise.all(
        known.filter((pid) => !pids.includes(pid)).map((pid) => rm(join(root, pid), { recursive: true })),
      );
      known = pids;
      const files = Object.entries(processes).flatMap(([pid, one]) => [
        [`${pid}/stat`, statLine(Number(pid), one)],
        [`${pid}/environ`, one.environ ?? ''],
      ]);
      const line = `${cpu.busy_s * 100} 0 0 0 0 0 0 ${(cpu.steal_s ?? 0) * 100} 0 0`;
      await addTo(root, { ...Object.fromEntries(files), stat: `cpu  ${line}\ncpu0 ${line}` });
    },
  };
}

function statLine(pid: number, one: FakeProcess): string {
  const { name = 'program', parent = 1, group = pid, session = group, start = 100, pages = 0 } = one;
  const ticks = [one.cpu_s ?? 0, one.children_cpu_s ?? 0].flatMap((seconds) => [Math.round(seconds * 100), 0]);
  const fields = ['S', parent, group, session, 0, -1, 0, 0, 0, 0, 0, ...ticks, 20, 0, 1, 0, start, 0, pages];
  return `${pid} (${name}) ${fields.join(' ')} 0 0`;
}
