import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { z } from 'zod';
import { tried } from '../base/errno.ts';
import { memoized } from '../base/memoized.ts';
import { reasonOf } from '../base/reason.ts';
import { EXECUTION, executionWith, runChoices } from '../plan/run-choices.ts';
import type { RunChoices } from '../plan/run-choices.ts';
import { checkSlurmWorkers, ownRunnerSchema, slurmOver } from '../plan/slurm.ts';
import type { SlurmLayer, WrittenSlurm } from '../plan/slurm.ts';
import { choiceTexts, studyTexts } from '../plan/texts.ts';
import type { Execution } from '../plan/types.ts';
import { OWN_FILE, STUDY_FILE } from '../workspace/entry.ts';
import { workersFolder } from '../workspace/places.ts';
import { explainGrammar } from '../yaml/explain.ts';
import { issueAt, wholeFile, yamlIssues } from '../yaml/read.ts';
import { fileTexts, issuesText } from '../yaml/texts.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { readYaml } from '../yaml/yaml.ts';

const ownSchema = z.strictObject({ execution: ownRunnerSchema.default({}) });

/** What a person says of the runner in a file of their own. */
export type OwnRunner = z.infer<typeof ownRunnerSchema>;

/** How a study is run: the user's own file over the study's settings, and the choices of this run over both. */
export interface ChosenExecution {
  execution: Execution;
  /** The place that names the runner; null where none does. */
  runner_from: string | null;
  /** What each place says of the jobs, the one that counts most last. */
  layers: SlurmLayer[];
}

/** @throws Error where the own file, or a choice of this run, is wrong: nothing is started then. */
export function chosenExecution(
  workspaceRoot: string,
  execution: Execution,
  choices: Pick<RunChoices, 'execution'> = runChoices(),
): ChosenExecution {
  const own = ownRunner(workspaceRoot);
  const chosen = executionWith(choices, withOwn(execution, own));
  const ofRun = (choices.execution['slurm'] ?? {}) as WrittenSlurm;
  const [wrong] = checkSlurmWorkers({ slurm: ofRun }, workerNames(workspaceRoot));
  if (wrong) throw new Error(choiceTexts.problem(EXECUTION, wrong.at.slice(1).join('.'), wrong.message, wrong.hint));
  const from = (isIn: boolean, place: string) => (isIn ? place : null);
  return {
    execution: chosen,
    runner_from:
      from('runner' in choices.execution, EXECUTION) ??
      from(own.runner !== undefined, OWN_FILE) ??
      from(execution.runner !== 'local', STUDY_FILE),
    layers: [
      { from: STUDY_FILE, slurm: execution.slurm },
      { from: OWN_FILE, slurm: own.slurm ?? {} },
      { from: EXECUTION, slurm: ofRun },
    ],
  };
}

function withOwn(execution: Execution, { runner = execution.runner, slurm }: OwnRunner): Execution {
  if (runner === execution.runner && slurm === undefined) return execution;
  return { ...execution, runner, slurm: slurmOver(execution.slurm, slurm ?? {}) };
}

/** The settings of the user's own file, read once in a process: an edit meanwhile must not divide a run. */
const ownRunner = memoized((workspaceRoot: string): OwnRunner => {
  const path = join(workspaceRoot, OWN_FILE);
  if (tried(() => statSync(path)) === null) return {};
  const { own, issues } = readOwn(path, workerNames(workspaceRoot));
  if (issues.length > 0) throw new Error(issuesText(studyTexts.ownUnusable(OWN_FILE), issues));
  return own;
});

function readOwn(path: string, workers: readonly string[]): { own: OwnRunner; issues: StudyIssue[] } {
  const refused = (issues: StudyIssue[]) => ({ own: {}, issues });
  let text: string;
  try {
    if (!statSync(path).isFile()) return refused([wholeFile(OWN_FILE, studyTexts.dataNotFile(OWN_FILE))]);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return refused([wholeFile(OWN_FILE, fileTexts.unreadable(reasonOf(error)))]);
  }
  const yaml = readYaml(text);
  const issues = yamlIssues(OWN_FILE, yaml);
  if (issues.length > 0) return refused(issues);
  // An empty file, or one with comments only.
  if (yaml.value === null) return { own: {}, issues: [] };
  const parsed = ownSchema.safeParse(yaml.value);
  const problems = parsed.success
    ? checkSlurmWorkers({ slurm: parsed.data.execution.slurm ?? {} }, workers)
    : explainGrammar(parsed.error, yaml.value, ownSchema, {});
  if (problems.length > 0) return refused(problems.map((problem) => issueAt(OWN_FILE, yaml, problem)));
  return { own: parsed.data!.execution, issues: [] };
}

/** The workers of a workspace, also those that can't be used. */
const workerNames = memoized((workspaceRoot: string): string[] =>
  fastGlob
    .sync(`${workersFolder(workspaceRoot)}/*/worker.json`, { cwd: workspaceRoot, followSymbolicLinks: false })
    .map((file) => file.split('/').at(-2)!)
    .toSorted(),
);
