import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Sha256 } from '../base/canonical.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { mergeAt, valueAt } from '../base/path.ts';
import type { Finding } from '../record/schema.ts';
import { explainGrammar } from '../yaml/explain.ts';
import type { Problem } from '../yaml/problem.ts';
import { readYaml } from '../yaml/yaml.ts';
import { checkGap, readExecution } from './execution.ts';
import { orderSteps } from './order.ts';
import { ownRunnerSchema, runnerShape, slurmOver } from './slurm.ts';
import { executionSchema, ORDERS } from './study.ts';
import { choiceTexts as texts } from './texts.ts';
import type { Execution, Order } from './types.ts';

/** The variable with settings of one run under `execution`. */
export const EXECUTION = 'NX_STUDY_EXECUTION';
const GAPS = 'NX_STUDY_GAPS';
const ORDER = 'NX_STUDY_ORDER';
const ONLY = 'NX_STUDY_ONLY';

/** What a person chooses for one run, in its environment. It changes how is measured, and nothing of what. */
export interface RunChoices {
  /** Settings under `execution` that replace those of each study. */
  execution: JsonObject;
  /** The order in which measurements that are left run. */
  order: Order | null;
  /** Setting, or `label`, `worker`, `repetition` → the values of the measurements that are chosen. */
  only: JsonObject;
  /** As they were written: name of the variable → text. */
  written: Record<string, string>;
}

/** The finding of a measurement that was not run as its study says. */
const CHOICES = 'run-choices';
/** The finding of a measurement that ran in another order than that of its study. */
const RUN_ORDER = 'run-order';

/**
 * The choices of this run.
 * @throws Error that names the variable and what is wrong with its value.
 */
export const runChoices = (env: Readonly<Record<string, string | undefined>> = process.env): RunChoices =>
  parsed(JSON.stringify([EXECUTION, GAPS, ORDER, ONLY].map((name) => env[name] ?? '')));

const parsed = memoized((written: string): RunChoices => {
  const [execution = '', gaps = '', order = '', only = ''] = JSON.parse(written) as string[];
  if (!['', 'on', 'off'].includes(gaps)) throw new Error(texts.gaps(GAPS, gaps));
  if (order !== '' && !(ORDERS as readonly string[]).includes(order))
    throw new Error(texts.order(ORDER, order, ORDERS));
  const settings = mapIn(EXECUTION, execution);
  if ('monotone' in settings) throw new Error(texts.monotone(EXECUTION));
  if ('lanes' in settings) throw new Error(texts.lanes(EXECUTION));
  const withGaps = gaps === 'off' ? { ...settings, gap: { min_s: 0, cycle_s: 0, max_s: 0 } } : settings;
  const choices = {
    execution: withGaps,
    order: order === '' ? null : (order as Order),
    only: mapIn(ONLY, only),
    written: Object.fromEntries(
      Object.entries({
        [EXECUTION]: execution,
        [GAPS]: gaps === 'off' ? gaps : '',
        [ORDER]: order,
        [ONLY]: only,
      }).filter(([, text]) => text !== ''),
    ),
  };
  // A study with nothing but defaults: what is wrong by itself is reported before anything runs.
  executionWith(choices, readExecution({ execution: executionSchema.parse({}) }, []));
  return choices;
});

function mapIn(name: string, text: string): JsonObject {
  if (text === '') return {};
  const { value, problems } = readYaml(text);
  if (problems.length > 0 || !isJsonObject(value)) throw new Error(texts.noMap(name, text));
  return value;
}

/** A study's way to run, with the choices of this run over it. @throws Error where they don't fit together. */
export function executionWith(choices: Pick<RunChoices, 'execution'>, execution: Execution): Execution {
  if (Object.keys(choices.execution).length === 0) return execution;
  const { gap, stop_after_same_failure, monotone, ...others } = execution;
  const { until, ...bounds } = gap;
  // Without gaps nothing is waited for either.
  const keepsGap = !isDeepStrictEqual(choices.execution['gap'], { min_s: 0, cycle_s: 0, max_s: 0 });
  const written = {
    ...others,
    gap: { ...bounds, ...(until !== null && keepsGap && { until }) },
    stop_after: { same_failure: stop_after_same_failure },
  } as unknown as JsonObject;
  const merged = mergeAt({ execution: written }, ['execution'], choices.execution)['execution'] as JsonObject;
  const { slurm } = ownRunnerSchema.safeParse({ slurm: choices.execution['slurm'] }).data ?? {};
  // What is wrong is refused below.
  if (slurm !== undefined) merged['slurm'] = slurmOver(execution.slurm, slurm) as JsonObject;
  const checked = executionSchema.safeParse(merged);
  if (!checked.success) throw new Error(problemsText(explained(checked.error, merged)));
  const problems: Problem[] = [];
  checkGap({ execution: checked.data }, problems);
  if (problems.length > 0) throw new Error(problemsText(problems));
  return readExecution({ execution: checked.data }, monotone);
}

const explained = (error: z.ZodError, value: Json): Problem[] => explainGrammar(error, value, executionSchema, {});

const problemsText = (problems: readonly Problem[]): string =>
  problems
    .map(({ at, message, hint }) =>
      texts.problem(EXECUTION, at.filter((key) => key !== 'execution').join('.'), message, hint),
    )
    .join('\n');

/** What must be known of a measurement to put it in order. */
export interface Orderable {
  experiment: string;
  repetition: number;
  seed: number;
  cycle: number;
}

/**
 * All measurements of a study in the chosen order, each with the cycle that it has in it. Experiments keep the order in
 * which they first appear.
 */
export function orderedAs<T extends Orderable>(order: Order | null, tasks: readonly T[], hash: Sha256): T[] {
  if (order === null) return [...tasks];
  const experiments = [...new Set(tasks.map(({ experiment }) => experiment))];
  const byStep = new Map(tasks.map((task) => [`${task.experiment} ${task.repetition}`, task]));
  const times = Math.max(0, ...tasks.map(({ repetition }) => repetition));
  const seed = tasks[0]?.seed ?? 0;
  return orderSteps(order, { count: experiments.length, times, seed }, hash).flatMap((step) => {
    const task = byStep.get(`${experiments[step.experiment]} ${step.repetition}`);
    return task === undefined ? [] : [{ ...task, cycle: step.cycle }];
  });
}

/** What must be known of a measurement to choose it. */
export interface Choosable {
  label: string;
  worker: string;
  repetition: number;
  varied: JsonObject;
  configuration: JsonObject;
}

/** Why this run leaves a measurement out; null where it doesn't. */
export function leftOut({ only, written }: RunChoices, task: Choosable): string | null {
  const isChosen = Object.entries(only).every(([name, wanted]) =>
    (Array.isArray(wanted) ? wanted : [wanted]).some((value) => isDeepStrictEqual(value, valueOf(task, name))),
  );
  return isChosen ? null : texts.leftOut(ONLY, written[ONLY]!);
}

/** @throws Error where no measurement has a setting that is asked for, with the nearest one that there is. */
export function refuseUnknownSettings({ only }: RunChoices, tasks: readonly Choosable[]): void {
  for (const name of Object.keys(only))
    if (tasks.length > 0 && tasks.every((task) => valueOf(task, name) === undefined))
      throw new Error(texts.unknownSetting(ONLY, name, knownSettings(tasks)));
}

function valueOf(task: Choosable, name: string): Json | undefined {
  if (name === 'label' || name === 'worker' || name === 'repetition') return task[name];
  return Object.hasOwn(task.varied, name) ? task.varied[name] : valueAt(task.configuration, name);
}

const knownSettings = (tasks: readonly Choosable[]): string[] => [
  ...new Set([
    ...tasks.flatMap(({ varied, configuration }) => [...Object.keys(varied), ...Object.keys(configuration)]),
    'label',
    'worker',
    'repetition',
  ]),
];

/** What a reader of a result must know: that its run was not as its study says. */
export function findingsOfChoices({ execution, written }: RunChoices): Finding[] {
  const named = (names: string[]) =>
    names.flatMap((name) => (written[name] === undefined ? [] : [`${name}=${written[name]}`])).join(', ');
  // What starts a measurement changes nothing of how it is made.
  const isOtherwise = Object.keys(execution).some((key) => !Object.hasOwn(runnerShape, key));
  const [settings, order] = [isOtherwise ? named([EXECUTION, GAPS]) : '', named([ORDER])];
  return [
    ...(settings === '' ? [] : [{ code: CHOICES, message: texts.execution(settings) }]),
    ...(order === '' ? [] : [{ code: RUN_ORDER, message: texts.chosenOrder(order) }]),
  ];
}

/** One line for each choice, for people who preview a run. */
export const choicesLines = ({ written }: Pick<RunChoices, 'written'>): string[] =>
  Object.entries(written).map(([name, value]) => texts.preview(name, value));
