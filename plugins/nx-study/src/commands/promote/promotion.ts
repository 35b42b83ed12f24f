import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment, Plan } from '../../plan/types.ts';
import { findStudies } from '../../graph/studies.ts';
import { loadStudy } from '../../study/load.ts';
import type { KnownWorkers } from '../../study/make.ts';
import { baseIn } from './base.ts';
import { promoteToDefaults } from './defaults-change.ts';
import { promoteInto } from './study-change.ts';
import type { Promotion } from './study-change.ts';
import { promoteTexts, refusals } from './texts.ts';
import { studyFile } from '../../workspace/places.ts';

/** Where the configuration becomes the default: in the base of a study, or in its worker's schema. */
export type Target = { study: string } | { defaults: true };

interface Source {
  /** The study that measured the experiment, and its plan. */
  study: string;
  plan: Plan;
  workers: KnownWorkers;
  target: Target;
}

/** The change of a file that makes an experiment's configuration the default. @throws Error where there is none, with the reason. */
export async function promotionOf(
  workspaceRoot: string,
  experiment: Experiment,
  { study, plan, workers, target }: Source,
): Promise<Promotion> {
  const from = studyFile(workspaceRoot, study);
  const read = (file: string) => readFile(join(workspaceRoot, file), 'utf8');
  if ('defaults' in target) {
    const worker = workers.get(experiment.worker)!;
    const base = baseIn(from, await read(from), { worker: worker.name, workers });
    const text = await read(`${worker.root}/${worker.manifest.config}`);
    return promoteToDefaults({ text, worker }, experiment, { study, base });
  }
  const file = studyFile(workspaceRoot, target.study);
  const isOther = target.study !== study;
  if (isOther) await refuseUnknown(workspaceRoot, target.study);
  const other = isOther ? await loadStudy({ workspaceRoot, file, workers }) : null;
  const used = other && (other.study.workers ?? [other.study.worker!]);
  if (used && !used.includes(experiment.worker))
    throw new Error(refusals.otherWorker(target.study, experiment.worker, used));
  const into = { file, text: await read(file), plan: other?.plan ?? plan };
  const promotion = await promoteInto(into, experiment, { from, workers });
  const { consequences } = promotion;
  return {
    ...promotion,
    consequences: { ...consequences, remarks: [...consequences.remarks, ...remarksOn(plan, into.plan)] },
  };
}

/** Beside the settings, these are part of what was measured. */
function remarksOn(measured: Plan, into: Plan): string[] {
  const differing = (['platform', 'cpus', 'seed'] as const).filter((key) => measured[key] !== into[key]);
  return differing.length === 0
    ? []
    : [
        promoteTexts.otherStudy(
          into.study,
          differing.map((key) => `${key}: ${measured[key]} → ${into[key]}`),
        ),
      ];
}

async function refuseUnknown(workspaceRoot: string, name: string): Promise<void> {
  const known = (await findStudies(workspaceRoot)).map((study) => study.name);
  if (!known.includes(name)) throw new Error(refusals.unknownStudy(name, known));
}
