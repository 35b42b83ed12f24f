import { join } from 'node:path';
import { acceptableChanges } from '../accept/changes.ts';
import { readAccepted } from '../../amendments/accepted.ts';
import { readAssets } from '../../assets/manifest.ts';
import { sha256 } from '../../base/canonical.ts';
import type { Sha256 } from '../../base/canonical.ts';
import { derivingHashes, identifiedTasks, unknownTakes } from '../../graph/tasks.ts';
import type { IdentifiedTask } from '../../graph/tasks.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { JsonObject } from '../../base/json.ts';
import { memoryNow } from '../../state/memory.ts';
import { studyDirectory } from '../../record/paths.ts';
import { readAllStudies } from '../../record/read.ts';
import type { Attempts, Stored } from '../../record/read.ts';
import { nexts } from '../../state/states.ts';
import type { Next } from '../../state/states.ts';
import { standingsOf } from '../../state/of-study.ts';
import { leftOut, orderedAs, refuseUnknownSettings, runChoices } from '../../plan/run-choices.ts';
import type { RunChoices } from '../../plan/run-choices.ts';
import type { Execution, Plan } from '../../plan/types.ts';
import { findKind } from '../../kinds/index.ts';
import type { Worker } from '../../worker/manifest.ts';
import { pendingAssets } from './assets.ts';
import type { PendingAsset } from './assets.ts';
import { inputPreview } from './check.ts';
import type { InputNote } from './check.ts';
import { openCosts } from './costs.ts';
import { estimateTime } from '../../state/estimate.ts';
import type { Estimate } from '../../state/estimate.ts';
import { gapsOf } from '../../state/gaps.ts';
import type { Gaps } from '../../state/gaps.ts';
import { memoryPreview, withoutMemory } from './memory.ts';
import type { PlannedMemory } from './memory.ts';
import { plannedOf } from './planned.ts';
import type { Planned, PlannedTask } from './planned.ts';
import { platformPreview } from './platform.ts';
import type { PlatformNote } from './platform.ts';
import { programsOf } from './programs.ts';
import type { Programs } from './programs.ts';
import { plannedRunner } from './runner.ts';
import type { PlannedRunner } from './runner.ts';
import { longestLane, totals } from './time.ts';
import type { Span } from './time.ts';
import { unjudged } from '../../study/gates.ts';
import { chosenExecution } from '../../study/own.ts';

export interface PreviewRow extends Planned, PlannedMemory {
  id: string;
  label: string;
  worker: string;
  repetition: number;
  /** From 1. */
  lane: number;
  varied: JsonObject;
  digest: string;
  /** Bytes of draws and the like that would stay on the disk, for what would be measured; null where they are not known. */
  disk_bytes: number | null;
  /** For what would be measured; null where nothing similar was measured before, and no rule says it. */
  estimate: Estimate | null;
}

/** What the next run of a study would do. */
export interface Preview extends Gaps {
  study: string;
  rows: PreviewRow[];
  /** By what the next run does. */
  counts: Record<Next, number>;
  /** Sum over what would be measured, s; null when there is nothing to estimate from. */
  measuring_s: Span | null;
  /** The same for the lane that takes longest, with its least gaps: with a machine for each lane. null with a single lane. */
  longest_lane_s: Span | null;
  /** Bytes that they would leave on the disk; null where nothing says it. Others may leave more. */
  disk_bytes: number | null;
  /** Measurements to run for which nothing similar was measured before. */
  without_estimate: number;
  /** What starts the measurements of this run. */
  runner: PlannedRunner;
  /** What a person chose for this run, in its environment: name of the variable → text. */
  run_choices: Record<string, string>;
  /** Measurements to run that these choices leave out. */
  left_out: number;
  /** What the study's platform says of this machine. */
  platform_notes: PlatformNote[];
  /** What is wrong with what measurements read, or why that was not checked. */
  input_notes: InputNote[];
  /** Measurements that no gate judges although their kind has gates, by their settings. */
  unjudged: number;
  /** Assets of what would be measured that must be fetched or hashed before. */
  pending_assets: PendingAsset[];
  /** What runs by which command, and what it may send elsewhere. */
  programs: Programs[];
  /** Ids in takes.json that the plan doesn't contain. */
  unknown_takes: string[];
  /** Measurements that changed in code or dependencies only, so that earlier outcomes could be accepted. */
  acceptable: number;
  plan: Pick<Plan, 'description' | 'axes' | 'merged' | 'balance' | 'lane_balance' | 'platform'> & {
    invalid: Plan['skipped'];
  };
}

/** A preview, with what it was made from. */
export interface Previewed {
  preview: Preview;
  /** In the order of the preview's rows. */
  tasks: MeasureTask[];
  /** The attempts of all studies. */
  stored: Stored[];
}

export async function previewStudy(
  workspaceRoot: string,
  plan: Plan,
  workers: Map<string, Worker>,
): Promise<Previewed> {
  const choices = runChoices();
  const chosen = chosenExecution(workspaceRoot, plan.execution, choices);
  const { execution } = chosen;
  const identified = await identifiedTasks(workspaceRoot, plan, workers);
  const tasks = chosenRun({ choices, execution }, identified, await sha256());
  const deriving = await derivingHashes(workspaceRoot, plan, workers);
  // Of all studies: a renamed one's measurements are reused, and others help to estimate.
  const attempts = await readAllStudies(workspaceRoot);
  const records = attempts.stored;
  const measured = records.map(({ record }) => record).filter(({ outcome }) => outcome === 'measured');
  const standings = await standingsOf({
    workspaceRoot,
    tasks,
    attempts: attemptsOf(workspaceRoot, plan, attempts),
    deriving,
  });
  const known = tasks.map(({ task }) => ({ task, standing: plannedOf(standings.get(task.id)!) }));
  const assets = await readAssets(workspaceRoot);
  const { fit, input, fitting } = await hindrances(workspaceRoot, { workers, assets, execution }, known);
  const rows = await rowsOf(fitting, measured, openCosts(workers, records));
  const isLeftOut = new Set(tasks.filter(({ task }) => leftOut(choices, task) !== null).map(({ task }) => task.id));
  const inRun = rows.filter(({ id }) => !isLeftOut.has(id));
  const toMeasure = tasks
    .map(({ task }) => task)
    .filter(({ id }, index) => rows[index]!.next === 'measure' && !isLeftOut.has(id));
  const { description, axes, skipped, merged, balance, lane_balance, platform } = plan;
  const { gap } = execution;
  const preview: Preview = {
    study: plan.study,
    rows,
    counts: countNext(rows),
    ...totals(inRun),
    ...gapsOf(toMeasure, gap),
    longest_lane_s: lane_balance === null ? null : longestLane(inRun, toMeasure, gap),
    runner: plannedRunner(chosen, plan),
    run_choices: choices.written,
    left_out: rows.filter(({ id, next }) => next === 'measure' && isLeftOut.has(id)).length,
    platform_notes: fit.notes,
    input_notes: input.notes,
    unjudged: unjudgedOf(plan, workers, rows),
    pending_assets: await pendingAssets(assets, toMeasure),
    programs: programsOf(plan, workers),
    unknown_takes: await unknownTakes(workspaceRoot, plan),
    acceptable: acceptableChanges(tasks, records, await readAccepted(workspaceRoot, plan.study)).ids.length,
    plan: { description, axes, invalid: skipped, merged, balance, lane_balance, platform },
  };
  return { preview, tasks: tasks.map(({ task }) => task), stored: records };
}

function unjudgedOf(plan: Plan, workers: Map<string, Worker>, rows: readonly PreviewRow[]): number {
  const experiments = new Set(unjudged(plan, workers).map(({ id }) => id));
  const ids = new Set(plan.measurements.flatMap(({ id, experiment }) => (experiments.has(experiment) ? [id] : [])));
  return rows.filter(({ id }) => ids.has(id)).length;
}

interface Surroundings {
  workers: Map<string, Worker>;
  assets: Awaited<ReturnType<typeof readAssets>>;
  execution: Pick<Execution, 'runner'>;
}

/** What keeps measurements from starting, in the order in which a run asks for it. */
async function hindrances(
  workspaceRoot: string,
  { workers, assets, execution: { runner } }: Surroundings,
  known: readonly PlannedTask[],
) {
  // What this machine is says nothing of those that Slurm chooses.
  const isHere = runner === 'local';
  const fit = isHere ? await platformPreview(workspaceRoot, known) : { planned: known, notes: [] };
  const input = await inputPreview(workspaceRoot, workers, fit.planned);
  const fitting = isHere
    ? memoryPreview({ assets, workers, now: await memoryNow() }, input.planned)
    : withoutMemory(input.planned);
  return { fit, input, fitting };
}

async function rowsOf(
  fitting: ReturnType<typeof memoryPreview>,
  measured: Parameters<typeof estimateTime>[1],
  costsOf: ReturnType<typeof openCosts>,
): Promise<PreviewRow[]> {
  const rows: PreviewRow[] = [];
  for (const one of fitting) {
    const { task, standing } = one;
    const { id, label, worker, repetition, lane, varied, digest } = task;
    const { disk_bytes, time } = await costsOf(one);
    const alike = measured.filter(({ kind, configuration }) => asksForAsMuch(kind, task.configuration, configuration));
    const estimate = standing.next === 'measure' ? estimateTime(task, alike, time) : null;
    rows.push({ id, label, worker, repetition, lane, varied, digest, ...standing, disk_bytes, estimate });
  }
  return rows;
}

/** Whether the time of a measured configuration says anything of the other one's; those of other workers don't count anyway. */
const asksForAsMuch = (kind: string, planned: JsonObject, measured: JsonObject): boolean =>
  findKind(kind)?.asksForAsMuch?.(planned, measured) ?? true;

/** The measurements in the order of this run, each run as a person chose for it. */
function chosenRun(
  { choices, execution }: { choices: RunChoices; execution: Execution },
  identified: readonly IdentifiedTask[],
  hash: Sha256,
): IdentifiedTask[] {
  const identities = new Map(identified.map(({ task, identity }) => [task.id, identity]));
  const tasks = identified.map(({ task }) => ({ ...task, execution }));
  refuseUnknownSettings(choices, tasks);
  return orderedAs(choices.order, tasks, hash).map((task) => ({ task, identity: identities.get(task.id)! }));
}

/** Those of one study among the attempts of all. */
function attemptsOf(workspaceRoot: string, { study }: Plan, { stored, unusable }: Attempts): Attempts {
  const root = join(studyDirectory(workspaceRoot, study), '/');
  return {
    stored: stored.filter(({ directory }) => directory.startsWith(root)),
    unusable: unusable.filter((one) => one.study === study),
  };
}

function countNext(rows: PreviewRow[]): Record<Next, number> {
  const counts = Object.fromEntries(nexts.map((next) => [next, 0])) as Record<Next, number>;
  for (const { next } of rows) counts[next] += 1;
  return counts;
}
