import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { memoized } from '../../base/memoized.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { writeDurably } from '../../record/durable.ts';
import { slurmFor } from '../../plan/slurm.ts';
import { studyDirectory } from '../../record/paths.ts';
import { nodesIn } from '../../slurm/client.ts';

/** The nodes of lanes: a lane stays on one, so that nodes and experiments don't mix. */
export interface Nodes {
  /** The node on which a measurement must run, null where there is none yet; and whether its lane may go to another one. */
  of(task: MeasureTask): Promise<{ node: string | null; mayMove: boolean }>;
  /** A measurement ran there: its lane stays, unless another lane has that node. */
  keep(task: MeasureTask, node: string): Promise<void>;
  /** The node of its lane can't be used any more. */
  drop(task: MeasureTask): Promise<void>;
}

const lanesSchema = z.record(z.string(), z.string());

/**
 * Where a study names at least as many nodes as it has lanes, each lane has one of them, in their order. Else it keeps the
 * node of its first job, which is remembered beside the jobs: a later run goes on there.
 */
export function openNodes(workspaceRoot: string, namedIn: (list: string) => Promise<string[]> = nodesIn): Nodes {
  const named = memoized(namedIn);
  const kept = memoized(async (study: string) => new Map(Object.entries(await read(fileOf(study)))));
  const fileOf = (study: string) => join(studyDirectory(workspaceRoot, study), 'slurm', 'lanes.json');
  let saving = Promise.resolve();
  // One after another: lanes end at the same time. It is a hint, so that a full disk keeps nothing from being measured.
  const save = (study: string) => (saving = saving.then(() => write(study)).catch(() => {}));
  const write = async (study: string) => {
    await mkdir(dirname(fileOf(study)), { recursive: true });
    await writeDurably(fileOf(study), `${JSON.stringify(Object.fromEntries(await kept(study)))}\n`);
  };
  return {
    async of({ study, lane, worker, execution: { lanes, slurm } }) {
      const { nodelist } = slurmFor(slurm, worker);
      const list = nodelist === null ? [] : await named(nodelist);
      if (list.length >= lanes) return { node: list[lane - 1]!, mayMove: false };
      const node = (await kept(study)).get(String(lane));
      const isNamed = list.length === 0 || list.includes(node ?? '');
      return { node: (isNamed ? node : undefined) ?? null, mayMove: true };
    },
    async keep({ study, lane }, node) {
      const all = await kept(study);
      if (all.has(String(lane)) || [...all.values()].includes(node)) return;
      all.set(String(lane), node);
      await save(study);
    },
    async drop({ study, lane }) {
      (await kept(study)).delete(String(lane));
      await save(study);
    },
  };
}

async function read(file: string): Promise<Record<string, string>> {
  try {
    return lanesSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
