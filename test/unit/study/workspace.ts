import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Plan } from '../../../plugins/nx-study/src/plan/types.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import type { LoadedStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { StudyError } from '../../../plugins/nx-study/src/yaml/texts.ts';

export const fixtures = join(import.meta.dirname, '../../fixtures');

/** A temporary workspace with the fixture workers, one data file, and the given files. */
export async function makeWorkspace(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'nx-study-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await cp(join(fixtures, 'shapes/workers'), join(root, 'workers'), { recursive: true });
  await cp(join(fixtures, 'shapes/studies/data'), join(root, 'studies/data'), { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
  return root;
}

/** Loads the study `s` whose text is given. */
export async function load(text: string | Uint8Array): Promise<LoadedStudy> {
  return loadIn(await makeWorkspace({ 'studies/s/study.yaml': text }), 's');
}

export async function loadIn(workspaceRoot: string, name: string): Promise<LoadedStudy> {
  return loadStudy({ workspaceRoot, file: `studies/${name}/study.yaml`, workers: await readWorkers(workspaceRoot) });
}

/** The StudyError that loading ends with; anything else fails the test. */
export async function errorOf(loading: Promise<unknown>): Promise<StudyError> {
  const outcome = await loading.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (outcome instanceof StudyError) return outcome;
  throw outcome instanceof Error ? outcome : new Error(String(outcome));
}

const fixtureWorkers = readWorkers(join(fixtures, 'shapes'));

/** The plan of a study text with the fixture workers, made without a workspace. Throws a StudyError. */
export async function planOf(text: string): Promise<Plan> {
  const file = 'studies/s/study.yaml';
  const { plan, issues } = await makePlan(file, text, await fixtureWorkers);
  if (!plan) throw new StudyError(file, issues);
  return plan;
}

/** A study as text; JSON is YAML. */
export const studyText = (study: object): string => JSON.stringify(study);

export const votes = '../data/votes.csv';
