import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { placeOf } from '../assets/fetch.ts';
import { readAssets } from '../assets/manifest.ts';
import { valueAt } from '../base/path.ts';
import { refusalsOf } from '../constraints/refusals.ts';
import { constraintTexts } from '../constraints/texts.ts';
import type { MeasureTask } from '../graph/task.ts';
import { machineFacts } from '../machine/compute.ts';
import type { MachineFacts } from '../machine/compute.ts';
import type { Worker } from '../worker/manifest.ts';
import type { ConfigProblem } from '../worker/problem.ts';
import type { Checked } from './answer.ts';
import { asInput } from './schemas.ts';

type Task = Pick<MeasureTask, 'configuration' | 'assets' | 'expect'>;

/** What an engine refuses; see `Checked`. */
export type EngineRefusal = Omit<Extract<Checked, { state: 'wrong' }>, 'state'>;

/** Tells what engines refuse on this machine, by their workers' rules; null for nothing, and for what the study declares to fail. */
export function openEngineChecks(
  workspaceRoot: string,
  factsNow: () => Promise<MachineFacts> = machineFacts,
): (task: Task, worker: Worker) => Promise<EngineRefusal | null> {
  let facts: Promise<MachineFacts> | undefined;
  const modelOf = openModels(workspaceRoot);
  return async (task, worker) => {
    const { configuration, expect } = task;
    if (worker.constraints === undefined || expect === 'failed') return null;
    const refused = refusalsOf(worker);
    const configured = { configuration, written: configuration };
    const model = await modelOf(task);
    const anywhere = refused(configured, { machine: null, model });
    if (anywhere.length > 0) return refusal('unsupported', anywhere);
    const here = refused(configured, { machine: await (facts ??= factsNow()), model });
    return here.length > 0 ? refusal('platform', here) : null;
  };
}

function refusal(type: EngineRefusal['type'], refused: ConfigProblem[]): EngineRefusal {
  const problems = refused.map(asInput);
  return { type, summary: constraintTexts.notStarted(problems.map(({ message }) => message)), problems };
}

/** Where the model of a measurement lies on this machine; null where it isn't here yet, or is no file. */
function openModels(workspaceRoot: string): (task: Task) => Promise<string | null> {
  let manifest: ReturnType<typeof readAssets> | undefined;
  return async ({ configuration, assets }) => {
    const value = assets.includes(MODEL) ? valueAt(configuration, MODEL) : undefined;
    if (typeof value !== 'string') return null;
    if (isAbsolute(value)) return value;
    const asset = (await (manifest ??= readAssets(workspaceRoot))).assets.get(value);
    const place = asset === undefined ? null : placeOf(asset);
    return place !== null && existsSync(place) ? place : null;
  };
}

const MODEL = 'model';
