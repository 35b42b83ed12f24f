import { readAssets } from '../../assets/manifest.ts';
import { canonicalJson } from '../../base/canonical.ts';
import { memoized } from '../../base/memoized.ts';
import { openSizes } from '../../check/sizes.ts';
import { assetsRoot } from '../../environment/cache.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Plan } from '../../plan/types.ts';
import { studyDirectory } from '../../record/paths.ts';
import { isOfThisMachine } from '../../record/supervisor.ts';
import { ownLock } from '../../worker/lock-files.ts';
import type { Worker } from '../../worker/manifest.ts';
import { previewStudy } from '../plan/preview.ts';
import type { Preview, Previewed } from '../plan/preview.ts';
import { diskItem } from './disk.ts';
import { grouped, ok } from './items.ts';
import type { Group, Item } from './items.ts';
import { clockItem, energyItem, gitNow, loadItem, loadNow, lockItem, runnerItems } from './machine.ts';
import { isToDo, largestNeeds, noteItems, planItems, saidOnce } from './plan-items.ts';
import { driverItems, environmentItem, modelItems, secretItems } from './supplies.ts';
import { doctorTexts as texts } from './texts.ts';
import { importItems, toldByWorker } from './worker.ts';
import type { Told } from './worker.ts';

/** What can be known of a study's measurements before they run. */
export interface Diagnosis {
  study: string;
  /** Measurements that the next run would measure, or report as failed. */
  to_do: number;
  done: number;
  /** Equal answers are one; those of measurements first, then those of the machine. */
  items: Group[];
}

/** Looks at all of it. Measures nothing, makes no environment, and fetches nothing. */
export async function diagnosisOf(workspaceRoot: string, plan: Plan, workers: Map<string, Worker>): Promise<Diagnosis> {
  const supplies = openSupplies(workspaceRoot, workers);
  const first = await previewStudy(workspaceRoot, plan, workers);
  const { preview, tasks, stored } = (await sizesLearnt(workspaceRoot, supplies, first))
    ? await previewStudy(workspaceRoot, plan, workers)
    : first;
  const { study, rows } = preview;
  const todo = new Map(rows.filter(isToDo).map((row) => [row.id, row]));
  const done = rows.length - todo.size;
  if (todo.size === 0) return { study, to_do: 0, done, items: [] };
  const own = tasks.filter(({ id }) => todo.has(id));
  const largest = largestNeeds(rows);
  const itemsOf = openItems(supplies, preview);
  const answers: { id: string; items: Item[] }[] = [];
  for (const task of own) {
    const items = [...planItems(todo.get(task.id)!, task, largest), ...(await itemsOf(task))];
    answers.push({ id: task.id, items: items.map((item) => asExpected(item, task)) });
  }
  return {
    study,
    to_do: todo.size,
    done,
    items: [...grouped(answers), ...(await machineItems(workspaceRoot, { plan, preview, stored, workers }))],
  };
}

/** A failure that the study expects is none. */
export const asExpected = (item: Item, { expect }: MeasureTask): Item =>
  expect === 'failed' && item.state === 'fails' ? ok(item.item, texts.expected(item.message)) : item;

/** Keeps the sizes of models that workers build now, and tells whether there are any: then more is known of memory, disk and time. */
async function sizesLearnt(
  workspaceRoot: string,
  { workerOf, told }: Supplies,
  { preview, tasks }: Previewed,
): Promise<boolean> {
  const sizes = openSizes(workspaceRoot);
  const toMeasure = new Set(preview.rows.filter(({ next }) => next === 'measure').map(({ id }) => id));
  let isLearnt = false;
  for (const task of tasks) {
    const worker = workerOf(task);
    if (!toMeasure.has(task.id) || worker.manifest.doctor?.sizes !== true) continue;
    const keep = await sizes.keeper(task, worker);
    const { size } = await told(worker, task);
    if (size === null) continue;
    await keep(size);
    isLearnt = true;
  }
  return isLearnt;
}

interface Supplies {
  workerOf(task: MeasureTask): Worker;
  assets(): ReturnType<typeof readAssets>;
  environmentOf(worker: Worker, task: MeasureTask): ReturnType<typeof environmentItem>;
  importsOf(worker: Worker, task: MeasureTask): Promise<Item[]>;
  told(worker: Worker, task: MeasureTask): Promise<Told>;
}

/** What is asked for several measurements at once is asked once. */
function openSupplies(workspaceRoot: string, workers: ReadonlyMap<string, Worker>): Supplies {
  const assets = memoized(() => readAssets(workspaceRoot));
  const environmentKey = ({ name, manifest }: Worker, { variant, configuration }: MeasureTask) =>
    JSON.stringify([name, variant, ownLock(manifest.environment, configuration)]);
  const environmentOf = memoized(
    (worker: Worker, task: MeasureTask) => environmentItem(workspaceRoot, worker, task),
    environmentKey,
  );
  const importsOf = memoized(
    async (worker: Worker, task: MeasureTask) =>
      importItems(
        { workspaceRoot, worker, environment: (await environmentOf(worker, task)).environment },
        task.variant,
      ),
    environmentKey,
  );
  const told = memoized(
    async (worker: Worker, task: MeasureTask) =>
      toldByWorker(
        { workspaceRoot, worker, environment: (await environmentOf(worker, task)).environment },
        task,
        await assets(),
      ),
    (worker, task) => {
      const read = (worker.manifest.doctor?.settings ?? []).map((name) => task.configuration[name] ?? null);
      return `${environmentKey(worker, task)} ${canonicalJson(read)}`;
    },
  );
  return { workerOf: (task) => workers.get(task.worker)!, assets, environmentOf, importsOf, told };
}

function openItems(
  { workerOf, assets, environmentOf, importsOf, told }: Supplies,
  preview: Preview,
): (task: MeasureTask) => Promise<Item[]> {
  const notes = noteItems(preview);
  const rows = new Map(preview.rows.map((row) => [row.id, row]));
  return async (task) => {
    const worker = workerOf(task);
    return [
      ...notes.flatMap(({ item, ids }) => (ids.includes(task.id) ? [item] : [])),
      (await environmentOf(worker, task)).item,
      ...(await importsOf(worker, task)),
      ...driverItems(worker, task),
      ...(await modelItems(await assets(), task)),
      ...secretItems(worker, task),
      ...saidOnce(rows.get(task.id)!, (await told(worker, task)).items),
    ];
  };
}

async function machineItems(
  workspaceRoot: string,
  {
    plan,
    preview,
    stored,
    workers,
  }: { plan: Plan; preview: Preview; stored: Previewed['stored']; workers: ReadonlyMap<string, Worker> },
): Promise<Group[]> {
  const ofHost = stored.map(({ record }) => record).filter(({ supervisor }) => isOfThisMachine(supervisor));
  const latest =
    ofHost
      .map(({ ended_at, started_at }) => ended_at ?? started_at)
      .toSorted()
      .at(-1) ?? null;
  const toFetch = preview.pending_assets.filter(({ state }) => state === 'fetch');
  const fetched = toFetch.reduce((sum, { bytes }) => sum + bytes, 0);
  const measuresEnergy = plan.experiments.some(({ worker }) => workers.get(worker)!.manifest.kind === 'llm-inference');
  const items = [
    ...runnerItems(preview),
    await diskItem({ what: 'results', folder: studyDirectory(workspaceRoot, plan.study), bytes: preview.disk_bytes }),
    ...(toFetch.length > 0 ? [await diskItem({ what: 'models', folder: assetsRoot(), bytes: fetched })] : []),
    await lockItem(),
    loadItem(await loadNow(), plan.execution.neighbours.cpu_cores),
    clockItem(new Date(), { latest }),
    await gitNow(workspaceRoot),
    ...(measuresEnergy ? [energyItem()] : []),
  ];
  return items.map((item) => ({ ...item, measurements: null }));
}
