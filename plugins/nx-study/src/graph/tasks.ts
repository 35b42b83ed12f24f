import { readAccepted } from '../amendments/accepted.ts';
import { originsOf } from '../amendments/origins.ts';
import type { AssetView } from '../assets/view.ts';
import { sha256 } from '../base/canonical.ts';
import { variantOf } from '../environment/variant.ts';
import type { Experiment, Plan } from '../plan/types.ts';
import { checkWorkerFiles } from '../worker/check.ts';
import type { Worker } from '../worker/manifest.ts';
import type { Identity } from '../record/schema.ts';
import { readTakes } from '../amendments/takes.ts';
import { openContents } from './content.ts';
import { digestOf, identify, workerContent } from './identity.ts';
import { valueAt } from '../base/path.ts';
import { openSources } from './sources.ts';
import type { Sources } from './sources.ts';
import type { MeasureMetadata, MeasureOptions, MeasureTask } from './task.ts';

/** A measurement's task, and the identity whose digest it contains. */
export interface IdentifiedTask {
  task: MeasureTask;
  identity: Identity;
}

interface Identifying {
  /**
   * The digests will be used later, when files outside of the workspace may have changed unseen (Nx's daemon keeps its
   * graph): assets by path then count as not hashed, and the digests contain their paths instead.
   */
  lasting?: boolean;
  /** Whether hashes of files are kept for later processes. */
  remember?: boolean;
}

/**
 * The measurements of a plan in its order, each with its identity and digest by the files as they are now.
 * @throws WorkerError when a worker's files don't cover its code; Error when takes.json or an acceptance is broken.
 */
export async function identifiedTasks(
  workspaceRoot: string,
  plan: Plan,
  workers: Map<string, Worker>,
  { lasting = false, remember = true }: Identifying = {},
): Promise<IdentifiedTask[]> {
  const sources = await openSources(workspaceRoot);
  const { contents, assets } = sources;
  const takes = await readTakes(workspaceRoot, plan.study);
  const accepted = await readAccepted(workspaceRoot, plan.study);
  const hash = await sha256();
  const experiments = new Map(plan.experiments.map((experiment) => [experiment.id, experiment]));
  const used = new Set(plan.experiments.map(({ worker }) => worker));
  for (const name of used) await checkWorkerFiles(workspaceRoot, workers.get(name)!);
  const workerContents = new Map(
    await Promise.all(
      [...used].map(async (name) => [name, await workerContent(workspaceRoot, workers.get(name)!, contents)] as const),
    ),
  );
  const tasks: IdentifiedTask[] = [];
  for (const measurement of plan.measurements) {
    const experiment = experiments.get(measurement.experiment)!;
    const worker = workers.get(experiment.worker)!;
    const unidentified = optionsOf(plan, measurement, experiment, {
      unhashed: await unhashedOf(experiment, assets, lasting),
      variant: await variantIn(worker, experiment, sources),
      take: takes[measurement.id] ?? 1,
    });
    const content = workerContents.get(experiment.worker)!;
    const identity = await identify(workspaceRoot, unidentified, { worker, content }, sources);
    const identified = { digest: await digestOf(identity), accepted: originsOf(identity, accepted, hash) };
    // A spread of all three costs thirty times as much, and the memory of a class of its own for each task.
    tasks.push({ identity, task: Object.assign(unidentified, identified, metadataOf(plan, measurement, experiment)) });
  }
  if (remember) await contents.save();
  return tasks;
}

type PlannedMeasurement = Plan['measurements'][number];

// The order of keys is part of Nx's hash.
const optionsOf = (
  plan: Plan,
  measurement: PlannedMeasurement,
  experiment: Experiment,
  found: Pick<MeasureOptions, 'unhashed' | 'variant' | 'take'>,
): Omit<MeasureOptions, 'digest' | 'accepted'> => ({
  study: plan.study,
  id: measurement.id,
  worker: experiment.worker,
  configuration: experiment.configuration,
  dataFiles: experiment.dataFiles,
  pythonFiles: experiment.pythonFiles,
  assets: experiment.assets,
  unhashed: found.unhashed,
  variant: found.variant,
  platform: plan.platform,
  cpus: plan.cpus,
  repetition: measurement.repetition,
  seed: measurement.seed,
  take: found.take,
  expect: experiment.expect,
});

const metadataOf = (plan: Plan, measurement: PlannedMeasurement, experiment: Experiment): MeasureMetadata => ({
  experiment: experiment.id,
  label: experiment.label,
  varied: experiment.varied,
  index: measurement.index,
  of: plan.measurements.length,
  cycle: measurement.cycle,
  lane: measurement.lane,
  studySeed: plan.seed,
  execution: plan.execution,
});

async function variantIn(
  { manifest: { environment } }: Worker,
  { configuration }: Experiment,
  sources: Sources,
): Promise<string | null> {
  if (!('variants' in environment)) return null;
  return variantOf(environment, configuration, (await sources.host()).accelerators.length > 0);
}

async function unhashedOf(
  { assets: paths, configuration }: Experiment,
  assets: AssetView,
  lasting: boolean,
): Promise<string[]> {
  const unhashed = [];
  for (const path of paths)
    if ('unhashed' in (await assets.identityOf(valueAt(configuration, path) as string, lasting))) unhashed.push(path);
  return unhashed;
}

/** Worker → hash of its deriving code as of now, for the workers of a plan; null when one derives nothing. */
export async function derivingHashes(
  workspaceRoot: string,
  plan: Plan,
  workers: Map<string, Worker>,
): Promise<Map<string, string | null>> {
  const contents = await openContents(workspaceRoot);
  const names = new Set(plan.experiments.map(({ worker }) => worker));
  const entries = [...names].map(
    async (name) => [name, (await workerContent(workspaceRoot, workers.get(name)!, contents)).deriving] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Ids in `takes.json` that are not in the plan, so that a misspelt one is reported. */
export async function unknownTakes(workspaceRoot: string, plan: Plan): Promise<string[]> {
  const planned = new Set(plan.measurements.map(({ id }) => id));
  return Object.keys(await readTakes(workspaceRoot, plan.study)).filter((id) => !planned.has(id));
}
