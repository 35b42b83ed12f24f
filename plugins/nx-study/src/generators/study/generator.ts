import { posix, relative } from 'node:path';
import { getProjects } from '@nx/devkit';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { print } from '../../base/terminal.ts';
import { PLAN_FILE, planFile } from '../../plan/planfile.ts';
import { planOnce } from '../../study/make.ts';
import { isStudyName } from '../../study/read.ts';
import { StudyError } from '../../yaml/texts.ts';
import { platformsFolder } from '../../platform/name.ts';
import { STUDY_FILE } from '../../workspace/entry.ts';
import { studyFolder } from '../../workspace/places.ts';
import { nxRun } from '../../workspace/project.ts';
import { studySchemaFile, writeEditorSchemas } from '../schemas.ts';
import { studyTexts as texts } from '../texts.ts';
import { isShipped } from '../../worker/shipped.ts';
import type { Worker } from '../../worker/manifest.ts';
import { parseAxes } from './axes.ts';
import type { Axes } from './axes.ts';
import { EXAMPLES, isExample } from './examples.ts';
import type { Example } from './examples.ts';
import { missingSettings, refuseAxes, settingsFile, takes } from './settings.ts';
import { studyText } from './text.ts';
import { findWorker } from './worker.ts';
import type { FoundWorker } from './worker.ts';

export interface StudyOptions {
  name: string;
  worker: string;
  /** Such as `level=1,6,9`. */
  axes?: string | string[];
  description?: string;
  repeat?: number;
}

/**
 * Writes a study, its plan, and the schema for editors. A worker that does not exist is made where its name is a template's, or that of a worker of nx-study.
 * @throws Error, before anything is written, for a bad name, an unknown worker, or axes that the worker does not take.
 */
export default async function study(tree: Tree, options: StudyOptions): Promise<GeneratorCallback> {
  const { name } = options;
  const folder = folderOf(tree, name);
  const asked = parseAxes(options.axes);
  const found = await findWorker(tree, options.worker);
  const { worker } = found;
  refuseAxes(worker, asked);
  const fitting = exampleFor(worker, asked);
  const { question, base, axes } = fitting ?? { question: null, base: {}, axes: asked };
  const missing = missingSettings(worker, { ...base, ...axes });
  const text = studyText({
    preview: nxRun(name, 'plan', tree.root),
    schema: relative(folder, studySchemaFile(tree.root)),
    worker: worker.name,
    settingsFile: settingsFile(tree, worker),
    description: options.description ?? question,
    base,
    axes,
    repeat: options.repeat ?? 3,
    missing,
  });
  const file = `${folder}/${STUDY_FILE}`;
  tree.write(file, text);
  for (const [added, content] of Object.entries(fitting?.files() ?? {})) tree.write(`${folder}/${added}`, content);
  if (missing.length === 0) await addPlan(tree, { file, text, found });
  await writeEditorSchemas(tree, found.workers.values());
  return () => print(lastWords(tree.root, { name, file, found, missing }).join('\n'));
}

/** The example of a worker that is made with a study, where nobody asked for axes and the worker of this name has its settings. */
function exampleFor(worker: Worker, asked: Axes): Example | null {
  if (!isExample(worker.name) || Object.keys(asked).length > 0) return null;
  const example = EXAMPLES[worker.name];
  return takes(worker, { ...example.base, ...example.axes }) ? example : null;
}

/** The folder of the new study. @throws Error for a name that it can't have. */
function folderOf(tree: Tree, name: string): string {
  if (!isStudyName(name)) throw new Error(texts.name(name));
  const folder = studyFolder(tree.root, name);
  const file = `${folder}/${STUDY_FILE}`;
  if (folder === platformsFolder(tree.root)) throw new Error(texts.reserved(name));
  if (tree.exists(file)) throw new Error(texts.exists(file));
  const taken = getProjects(tree).get(name);
  if (taken) throw new Error(texts.taken(name, taken.root));
  return folder;
}

/** Adds the plan to be committed. @throws StudyError where the study can't be planned: without lines, as its text is nowhere yet. */
async function addPlan(
  tree: Tree,
  { file, text, found }: { file: string; text: string; found: FoundWorker },
): Promise<void> {
  const { plan, issues } = await planOnce(file, text, found.workers);
  if (!plan || issues.length > 0)
    throw new StudyError(
      file,
      issues.map((issue) => ({ ...issue, line: null, column: null })),
    );
  // The plan of a study with assets has their hashes: `nx sync` reads them.
  if (plan.experiments.some(({ assets }) => assets.length > 0)) return;
  tree.write(`${posix.dirname(file)}/${PLAN_FILE}`, planFile(plan, new Map()));
}

interface MadeStudy {
  name: string;
  file: string;
  found: FoundWorker;
  missing: [name: string, meaning: string][];
}

function lastWords(workspaceRoot: string, { name, file, found: { worker, isMade }, missing }: MadeStudy): string[] {
  const settings = missing.map(([setting]) => setting);
  return [
    '',
    ...(isMade ? [texts.madeWorker(worker.name, worker.root, isShipped(worker.name))] : []),
    ...(settings.length > 0 ? [texts.fillIn(file, settings)] : []),
    ...texts.next(name, workspaceRoot),
    '',
  ];
}
