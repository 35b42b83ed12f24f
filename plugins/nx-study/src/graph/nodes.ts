import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { ASSETS_FILE } from '../assets/manifest.ts';
import { isProfile, platformFile } from '../platform/name.ts';
import { planFilePath } from '../plan/planfile.ts';
import type { Plan } from '../plan/types.ts';
import { DIGEST_DIGITS, measurementRoot, studyRoot } from '../record/paths.ts';
import { visible } from '../base/visible.ts';
import type { Worker } from '../worker/manifest.ts';
import { takesFile } from '../amendments/takes.ts';
import { workspacePatterns } from '../worker/patterns.ts';
import { encodeOptions } from './encoding.ts';
import { exactly } from './glob.ts';
import { listLinks } from './links.ts';
import { valueAt } from '../base/path.ts';
import { measurementProject } from './task.ts';
import type { MeasureMetadata, MeasureOptions, MeasureTask } from './task.ts';
import { cachedFiles } from '../worker/files.ts';
import { lockFiles } from '../worker/lock-files.ts';

// A chain of dependencies costs Nx quadratic time (at 1,000 links as much as all the rest), and its stack overflows at about
// 1,400 links (measured with Nx 24.0). The executor keeps the order without them, too.
const LONGEST_CHAIN = 500;

/** Of a study's own project. */
const STUDY_TARGETS = [
  'measure',
  'plan',
  'status',
  'report',
  'query',
  'promote',
  'note',
  'remeasure',
  'accept',
] as const;

export type Projects = Record<string, ProjectConfiguration>;

/** A study as it is now. */
export interface ReadableStudy {
  plan: Plan;
  tasks: MeasureTask[];
  workers: Map<string, Worker>;
  /** Ids of measurements whose entry in the committed plan is missing, or differs. */
  unplanned: ReadonlySet<string>;
  /** The files that stand for a path: the path itself, and the target of its link. */
  filesOf: (path: string) => string[];
}

/** The Nx projects of a readable study, by root: its own one, and one for every measurement. */
export function studyProjects({ plan, tasks, workers, unplanned, filesOf }: ReadableStudy): Projects {
  const chained = tasks.length <= LONGEST_CHAIN;
  const projects: Projects = { [studyRoot(plan.study)]: studyProject(plan) };
  for (const [index, task] of tasks.entries()) {
    const before = chained && index > 0 ? measurementProject(plan.study, tasks[index - 1]!.id) : null;
    const files = inputs(task, workers.get(task.worker)!, { isUnplanned: unplanned.has(task.id), filesOf });
    projects[measurementRoot(plan.study, task.id)] = measurementNode(task, files, before);
  }
  return projects;
}

type Inputs = NonNullable<TargetConfiguration['inputs']>;

function measurementNode(task: MeasureTask, inputs: Inputs, before: string | null): ProjectConfiguration {
  const { options, metadata } = split(task);
  return {
    name: measurementProject(task.study, task.id),
    root: measurementRoot(task.study, task.id),
    // Drawn by `nx graph`, and not hashed.
    ...(before && { implicitDependencies: [before] }),
    metadata: { technologies: ['nx-study'], description: `${task.label}, repetition ${task.repetition}` },
    targets: {
      measure: {
        executor: 'nx-study:measure',
        // An expected failure has no outputs that Nx could restore. And a digest that contains paths instead of hashes
        // doesn't change with the contents.
        cache: task.expect !== 'failed' && task.unhashed.length === 0,
        options: encodeOptions(options),
        inputs,
        outputs: outputsOf(task),
        ...(before && { dependsOn: [{ projects: [before], target: 'measure' }] }),
        metadata: {
          description: `Measures ${task.label} (${task.study})`,
          technologies: ['nx-study'],
          nxStudy: metadata,
        },
      },
    },
  };
}

/** The files of a measurement that Nx caches and restores. */
export const outputsOf = ({ digest }: Pick<MeasureTask, 'digest'>): string[] =>
  cachedFiles.map((file) => `{projectRoot}/${digest.slice(0, DIGEST_DIGITS)}/${file}`);

function split(task: MeasureTask): { options: MeasureOptions; metadata: MeasureMetadata } {
  const { experiment, label, varied, index, of, cycle, execution, ...options } = task;
  return { options, metadata: { experiment, label, varied, index, of, cycle, execution } };
}

/** The files whose edit makes `nx affected` select the measurement; Nx's hash contains the digest anyhow. */
function inputs(
  task: MeasureTask,
  worker: Worker,
  { isUnplanned, filesOf }: Pick<ReadableStudy, 'filesOf'> & { isUnplanned: boolean },
): Inputs {
  const { manifest, root } = worker;
  const { study, id } = task;
  const data = task.dataFiles
    .map((path) => valueAt(task.configuration, path))
    .filter((path) => typeof path === 'string');
  const lock = lockFiles(manifest.environment).get(task.variant) ?? [];
  const code = workspacePatterns(root, [...manifest.measuring, ...manifest.deriving, 'worker.json', ...lock]);
  const profile = isProfile(task.platform) ? [platformFile(task.platform)] : [];
  // Where the committed plan is older than the study, an edit of the study's files changed the measurement.
  const plan = [
    `studies/${study}/study.yaml`,
    `${root}/${manifest.config}`,
    ...(task.assets.length > 0 ? [ASSETS_FILE] : []),
  ];
  const files = [...data, ...profile, ...(isUnplanned ? plan : [])];
  return [
    ...[...files.flatMap(filesOf).map(exactly), ...new Set(code)].map((path) => ({
      fileset: `{workspaceRoot}/${path}`,
      includeIgnored: true,
    })),
    { json: `{workspaceRoot}/${planFilePath(study)}`, fields: [`measurements.${id}`] },
    // The first one that is measured again must not select all others.
    ...(task.take > 1 ? [{ json: `{workspaceRoot}/${takesFile(study)}`, fields: [id] }] : []),
    { runtime: listLinks(study) },
    // Without it each npm update would measure everything again.
    { externalDependencies: [] },
  ];
}

function studyProject(plan: Plan): ProjectConfiguration {
  const { study } = plan;
  return {
    name: study,
    root: studyRoot(study),
    metadata: {
      technologies: ['nx-study'],
      description: plan.description === null ? `Study ${study}` : visible(plan.description, '\n'),
      targetGroups: { Study: [...STUDY_TARGETS] },
    },
    targets: {
      measure: {
        executor: 'nx-study:verify',
        cache: false,
        options: { study },
        inputs: [{ externalDependencies: [] }],
        dependsOn: [{ projects: plan.measurements.map(({ id }) => measurementProject(study, id)), target: 'measure' }],
        metadata: { description: `Measures all of ${study}` },
      },
      ...commands(study),
    },
  };
}

function commands(study: string): Record<string, TargetConfiguration> {
  const command = (
    name: string,
    description: string,
    options: Record<string, unknown> | null,
  ): TargetConfiguration => ({
    executor: `nx-study:${name}`,
    cache: false,
    options: { study },
    inputs: [{ externalDependencies: [] }],
    metadata: {
      description,
      help: { command: `nx run ${study}:${name} --help`, example: options ? { options } : {} },
    },
  });
  return {
    plan: command('plan', 'Shows what would run, and why', { json: true }),
    status: command('status', 'Shows where it stands, while it runs and after', { watch: true }),
    report: command('report', 'Prints the table of measurements, and writes all numbers as tables', null),
    query: command('query', 'Answers SQL from its tables, or from those of all studies', {
      sql: 'select label, state from measurements',
    }),
    promote: command('promote', 'Makes the configuration of a measurement the default, with a record of the decision', {
      measurement: 'a label',
      write: true,
    }),
    note: command('note', 'Starts a note with the facts filled in', { title: 'A first look' }),
    remeasure: command('remeasure', 'Has the next run measure chosen measurements again', { failed: ['oom'] }),
    accept: command('accept', 'Accepts that a change of code or dependencies leaves earlier outcomes valid', {
      because: 'only a comment changed',
    }),
  };
}

/**
 * The Nx project of a study that can't be used: each of its targets fails with the message, and other studies go on. It
 * has another name where its own one is taken, and by default the root that it has when it can be used.
 */
export function brokenStudyProjects(
  study: string,
  message: string,
  { name = study, root = studyRoot(study) }: { name?: string; root?: string } = {},
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
      targets: Object.fromEntries(STUDY_TARGETS.map((target) => [target, { ...broken }])),
    },
  };
}
