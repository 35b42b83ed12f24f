import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { memoized } from '../../base/memoized.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { writeDurably } from '../../record/durable.ts';
import { slurmFor } from '../../plan/slurm.ts';
import type { SlurmSettings } from '../../plan/slurm.ts';
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

/** Lane, and behind it what its jobs ask for → node. */
const lanesSchema = z.record(z.string(), z.string());

/**
 * Where a study names nodes, each lane has one of them, in their order, and again from the first where there are more lanes. Else
 * it keeps the node of its first job, which is remembered beside the jobs: a later run goes on there. Workers whose jobs ask for
 * something else may need another node: then the lane keeps one for each demand.
 */
export function openNodes(workspaceRoot: string, namedIn: (list: string) => Promise<string[]> = nodesIn): Nodes {
  const named = memoized(namedIn);
  const kept = memoized(async (study: string) => new Map(Object.entries(await read(fileOf(study)))));
  /** For them the node that the lane has for other jobs can't be used either. */
  const dropped = new Set<string>();
  const fileOf = (study: string) => join(studyDirectory(workspaceRoot, study), 'slurm', 'lanes.json');
  let saving = Promise.resolve();
  // One after another: lanes end at the same time. It is a hint, so that a full disk keeps nothing from being measured.
  const save = (study: string) => (saving = saving.then(() => write(study)).catch(() => {}));
  const write = async (study: string) => {
    await mkdir(dirname(fileOf(study)), { recursive: true });
    await writeDurably(fileOf(study), `${JSON.stringify(Object.fromEntries(await kept(study)))}\n`);
  };
  return {
    async of(task) {
      const { study, lane, worker, execution } = task;
      const { nodelist } = slurmFor(execution.slurm, worker);
      const list = nodelist === null ? [] : await named(nodelist);
      if (list.length > 0) return { node: list[(lane - 1) % list.length]!, mayMove: false };
      const all = await kept(study);
      const key = keyOf(task);
      const ofLane = dropped.has(`${study} ${key}`) ? [] : [...all].filter((one) => laneIn(one[0]) === lane);
      const [node = null] = [all.get(key) ?? [], ofLane.map((one) => one[1])].flat();
      return { node, mayMove: true };
    },
    async keep(task, node) {
      const all = await kept(task.study);
      const key = keyOf(task);
      const isOfAnother = [...all].some(([other, taken]) => taken === node && laneIn(other) !== task.lane);
      if (all.has(key) || isOfAnother) return;
      all.set(key, node);
      await save(task.study);
    },
    async drop(task) {
      const key = keyOf(task);
      dropped.add(`${task.study} ${key}`);
      (await kept(task.study)).delete(key);
      await save(task.study);
    },
  };
}

/** `2`, or `2 {"partition":"gpu", …}` where the jobs of its worker ask for other nodes than those of all workers. */
function keyOf({ lane, worker, execution: { slurm } }: MeasureTask): string {
  const [all, own] = [demandsOf(slurmFor({ ...slurm, workers: {} }, worker)), demandsOf(slurmFor(slurm, worker))];
  return isDeepStrictEqual(all, own) ? String(lane) : `${lane} ${JSON.stringify(own)}`;
}

/** What decides which nodes can make a job. */
const demandsOf = ({ partition, gres, nodelist, constraint, extra }: SlurmSettings) => ({
  partition,
  gres,
  nodelist,
  constraint,
  extra,
});

const laneIn = (key: string): number => Number(key.split(' ')[0]);

async function read(file: string): Promise<Record<string, string>> {
  try {
    return lanesSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
