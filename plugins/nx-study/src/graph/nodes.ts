import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { isAbsolute } from 'node:path';
import { nxVersion } from 'nx/src/utils/versions.js';
import { assetsFile } from '../assets/place.ts';
import { isProfile, platformFile } from '../platform/name.ts';
import { planFilePath } from '../plan/planfile.ts';
import type { Plan } from '../plan/types.ts';
import { DIGEST_DIGITS } from '../record/paths.ts';
import { visible } from '../base/visible.ts';
import type { Worker } from '../worker/manifest.ts';
import { takesFile } from '../amendments/takes.ts';
import { codeInputs, dependenciesOf } from './code-inputs.ts';
import { encodeOptions } from './encoding.ts';
import { exactly } from './glob.ts';
import { listLinks } from './links.ts';
import { valueAt } from '../base/path.ts';
import { measurementProject } from './task.ts';
import type { MeasureMetadata, MeasureOptions, MeasureTask } from './task.ts';
import { ownLock } from '../worker/lock-files.ts';
import { cachedFiles } from '../worker/files.ts';
import { COMMANDS, pluginOptions } from '../workspace/options.ts';
import type { Command } from '../workspace/options.ts';
import { STUDY_FILE } from '../workspace/entry.ts';
import { resultsFolder } from '../workspace/places.ts';
import { nxRun, targetOf } from '../workspace/project.ts';

// A chain of dependencies costs Nx quadratic time (at 1,000 links as much as all the rest), and its stack overflows at about
// 1,400 links (measured with Nx 24.0). The executor keeps the order without them, too.
const LONGEST_CHAIN = 500;

export type Projects = Record<string, ProjectConfiguration>;

/** A study as it is now. */
export interface ReadableStudy {
  workspaceRoot: string;
  /** The study's folder, relative to the workspace. */
  folder: string;
  plan: Plan;
  tasks: MeasureTask[];
  workers: Map<string, Worker>;
  /** Ids of measurements whose entry in the committed plan is missing, or differs. */
  unplanned: ReadonlySet<string>;
  /** Worker → the folders of the projects that it measures, relative to the workspace. */
  measured: ReadonlyMap<string, readonly string[]>;
  /** The files that stand for a path: the path itself, and the target of its link. */
  filesOf: (path: string) => string[];
  /** The modules that a Python file imports. */
  modulesIn: (file: string) => string[];
}

/** The Nx projects of a readable study, by root: its own one, and one for every measurement. */
export function studyProjects(readable: ReadableStudy): Projects {
  const { workspaceRoot, folder, plan, tasks, workers } = readable;
  const chained = tasks.length <= LONGEST_CHAIN;
  const projects: Projects = { [folder]: studyNode(workspaceRoot, folder, plan) };
  /** Lane → the last measurement on it so far. */
  const last = new Map<number, MeasureTask>();
  for (const task of tasks) {
    const previous = last.get(task.lane);
    last.set(task.lane, task);
    const before = chained && previous !== undefined ? measurementProject(plan.study, previous.id) : null;
    const node = measurementNode(workspaceRoot, task, {
      inputs: inputs(task, readable),
      before,
      builds: dependenciesOf(workers.get(task.worker)!),
    });
    projects[node.root] = node;
  }
  return projects;
}

type Inputs = NonNullable<TargetConfiguration['inputs']>;
type DependsOn = NonNullable<TargetConfiguration['dependsOn']>;

function measurementNode(
  workspaceRoot: string,
  task: MeasureTask,
  { inputs, before, builds }: { inputs: Inputs; before: string | null; builds: DependsOn },
): ProjectConfiguration {
  const { options, metadata } = split(task);
  const { measureTargetName: target, chain } = pluginOptions(workspaceRoot);
  const outputs = outputsOf(workspaceRoot, task);
  const dependsOn = [...(before && chain === 'tasks' ? [{ projects: [before], target }] : []), ...builds];
  return {
    name: measurementProject(task.study, task.id),
    root: measurementRoot(workspaceRoot, task),
    // So that one repetition can be measured here, then in another working tree; and one lane on each machine.
    tags: [
      `${task.study}:repetition-${task.repetition}`,
      ...(task.execution.lanes > 1 ? [`${task.study}:lane-${task.lane}`] : []),
    ],
    // Drawn by `nx graph`, and not hashed.
    ...(before && { implicitDependencies: [before] }),
    metadata: { technologies: ['nx-study'], description: `${task.label}, repetition ${task.repetition}` },
    targets: {
      [target]: {
        executor: 'nx-study:measure',
        // Nx can restore nothing where an expected failure has no outputs, or they lie outside of the workspace. And a digest
        // that contains paths instead of hashes doesn't change with the contents.
        cache: task.expect !== 'failed' && task.unhashed.length === 0 && outputs.length > 0,
        options: encodeOptions(options),
        inputs,
        outputs,
        ...(dependsOn.length > 0 && { dependsOn }),
        metadata: {
          description: `Measures ${task.label} (${task.study})`,
          technologies: ['nx-study'],
          nxStudy: metadata,
        },
      },
    },
  };
}

/** The files of a measurement that Nx caches and restores; none where results lie outside of the workspace. */
export const outputsOf = (workspaceRoot: string, { digest }: Pick<MeasureTask, 'digest'>): string[] =>
  isAbsolute(resultsFolder(workspaceRoot))
    ? []
    : cachedFiles.map((file) => `{projectRoot}/${digest.slice(0, DIGEST_DIGITS)}/${file}`);

/** The root of the Nx project of a measurement: the folder of its results, or where that would be within the workspace. */
function measurementRoot(workspaceRoot: string, { study, id }: Pick<MeasureTask, 'study' | 'id'>): string {
  const results = resultsFolder(workspaceRoot);
  return `${isAbsolute(results) ? 'results' : results}/${study}/${id}`;
}

function split(task: MeasureTask): { options: MeasureOptions; metadata: MeasureMetadata } {
  const { experiment, label, varied, index, of, cycle, lane, studySeed, execution, ...options } = task;
  return { options, metadata: { experiment, label, varied, index, of, cycle, lane, studySeed, execution } };
}

/** The files whose edit makes `nx affected` select the measurement; Nx's hash contains the digest anyhow. */
function inputs(task: MeasureTask, readable: ReadableStudy): Inputs {
  const { workspaceRoot, folder, workers, unplanned, measured, filesOf, modulesIn } = readable;
  const worker = workers.get(task.worker)!;
  const { study, id, variant } = task;
  const filesAt = (paths: string[]) =>
    paths.map((path) => valueAt(task.configuration, path)).filter((path) => typeof path === 'string');
  const data = [...filesAt(task.dataFiles), ...filesAt(task.pythonFiles).flatMap(modulesIn)];
  const profile = isProfile(task.platform) ? [platformFile(workspaceRoot, task.platform)] : [];
  // Where the committed plan is older than the study, an edit of the study's files changed the measurement.
  const plan = [
    `${folder}/${STUDY_FILE}`,
    `${worker.root}/${worker.manifest.config}`,
    ...(task.assets.length > 0 ? [assetsFile(workspaceRoot)] : []),
  ];
  const links = listLinks(workspaceRoot, study);
  // A data file, so it is among the inputs already.
  const hasOwnLock = ownLock(worker.manifest.environment, task.configuration) !== null;
  const files = [...data, ...profile, ...(unplanned.has(id) ? plan : [])];
  return [
    ...files.flatMap(filesOf).map((path) => ({ fileset: `{workspaceRoot}/${exactly(path)}`, includeIgnored: true })),
    ...codeInputs(workspaceRoot, worker, {
      variant: hasOwnLock ? undefined : variant,
      projects: measured.get(worker.name) ?? [],
    }),
    fieldOf(planFilePath(workspaceRoot, study), `measurements.${id}`),
    // The first one that is measured again must not select all others.
    ...(task.take > 1 ? [fieldOf(takesFile(workspaceRoot, study), id)] : []),
    ...links.map((runtime) => ({ runtime })),
    // Without it each npm update would measure everything again.
    { externalDependencies: [] },
  ];
}

// Nx 23 doesn't look into JSON files when it asks what an edit affects: it would select nothing.
const SEES_FIELDS = Number.parseInt(nxVersion, 10) >= 24;

/** One field of a JSON file as an input; all of the file where Nx can't tell. */
const fieldOf = (file: string, field: string): Inputs[number] =>
  SEES_FIELDS ? { json: `{workspaceRoot}/${file}`, fields: [field] } : { fileset: `{workspaceRoot}/${exactly(file)}` };

function studyNode(workspaceRoot: string, folder: string, plan: Plan): ProjectConfiguration {
  const { study } = plan;
  const target = targetOf('measure', workspaceRoot);
  return {
    name: study,
    root: folder,
    metadata: {
      technologies: ['nx-study'],
      description: plan.description === null ? `Study ${study}` : visible(plan.description, '\n'),
      targetGroups: { Study: targetNames(workspaceRoot) },
    },
    targets: {
      [target]: {
        executor: 'nx-study:verify',
        cache: false,
        options: { study },
        inputs: [{ externalDependencies: [] }],
        dependsOn: [{ projects: plan.measurements.map(({ id }) => measurementProject(study, id)), target }],
        metadata: { description: `Measures all of ${study}` },
      },
      ...commands(workspaceRoot, study),
    },
  };
}

const targetNames = (workspaceRoot: string): string[] => COMMANDS.map((command) => targetOf(command, workspaceRoot));

function commands(workspaceRoot: string, study: string): Record<string, TargetConfiguration> {
  const command = (
    name: Command,
    description: string,
    options: Record<string, unknown> | null,
  ): TargetConfiguration => ({
    executor: `nx-study:${name}`,
    cache: false,
    options: { study },
    inputs: [{ externalDependencies: [] }],
    metadata: {
      description,
      help: { command: `${nxRun(study, name, workspaceRoot)} --help`, example: options ? { options } : {} },
    },
  });
  const all = {
    plan: command('plan', 'Shows what would run, and why', { json: true }),
    status: command('status', 'Shows where it stands, while it runs and after', { watch: true }),
    compare: command('compare', 'Compares its results with those of another working tree', { base: '../base' }),
    report: command('report', 'Prints the table of measurements, and writes all numbers as tables', null),
    query: command('query', 'Answers SQL from its tables, or from those of all studies', {
      sql: 'select label, state from measurements',
    }),
    promote: command('promote', 'Makes the configuration of a measurement the default, with a record of the decision', {
      measurement: 'a label',
      write: true,
    }),
    refine: command('refine', 'Proposes the next loads of a server to measure, as lines of the study', { write: true }),
    doctor: command('doctor', 'Says before a run what in it would fail, without measuring', { json: true }),
    note: command('note', 'Starts a note with the facts filled in', { title: 'A first look' }),
    remeasure: command('remeasure', 'Has the next run measure chosen measurements again', { failed: ['oom'] }),
    accept: command('accept', 'Accepts that a change of code or dependencies leaves earlier outcomes valid', {
      because: 'only a comment changed',
    }),
    export: command('export', 'Writes a copy of the workspace with which another machine measures it', {
      to: '../for-gpu-box',
      lane: 2,
    }),
    import: command('import', 'Takes in results of other machines', { from: ['../for-gpu-box'] }),
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, target]) => [targetOf(name as Command, workspaceRoot), target]),
  );
}

/**
 * The Nx project of a study that can't be used: each of its targets fails with the message, and other studies go on. It
 * has another name where its own one is taken.
 * @param root - the study's folder, relative to the workspace.
 */
export function brokenStudyProjects(
  workspaceRoot: string,
  root: string,
  { study, message, name = study }: { study: string; message: string; name?: string },
): Projects {
  const broken = {
    executor: 'nx-study:broken',
    cache: false,
    options: encodeOptions({ message }),
    inputs: [{ externalDependencies: [] }],
  };
  return {
    [root]: {
      name: visible(name),
      root,
      metadata: { technologies: ['nx-study'], description: `${visible(study)} can't be used` },
      targets: Object.fromEntries(targetNames(workspaceRoot).map((target) => [target, { ...broken }])),
    },
  };
}
