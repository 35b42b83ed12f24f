import { readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import fastGlob from 'fast-glob';
import { commandTexts, workerProblems } from './texts.ts';
import { asPattern, linkProblem, patternProblems } from './check-patterns.ts';
import type { Worker } from './manifest.ts';
import { namedByVariable, namedFiles } from './named-files.ts';
import type { Named } from './named-files.ts';
import { isNegation, matched, workerPatterns } from './patterns.ts';
import { measuredProjects } from './projects.ts';
import type { MeasuredProject, MeasuredProjects } from './projects.ts';
import { namesInBraces, PLACEHOLDERS } from './placeholders.ts';
import { WorkerError } from './read.ts';
import type { Text } from '../base/words.ts';
import { didYouMean } from '../base/words.ts';
import { lockFiles } from './lock-files.ts';

interface Problem extends Text {
  /** Key of the manifest and text below it, where the problem stands. */
  at: [key: string, text: string | null];
}

/**
 * Refuses a worker whose code could change without changing the identity of its measurements: a glob that matches nothing,
 * an unknown placeholder, a command that names a file of the workspace which no glob covers. Checked once per worker object.
 * @throws WorkerError with all problems, each with its line of worker.json.
 */
export function checkWorkerFiles(workspaceRoot: string, worker: Worker): Promise<void> {
  let checked = known.get(worker);
  if (!checked) known.set(worker, (checked = check(workspaceRoot, worker)));
  return checked;
}

// The studies of a workspace share workers that were read once.
const known = new WeakMap<Worker, Promise<void>>();

async function check(workspaceRoot: string, worker: Worker): Promise<void> {
  const { root, manifest } = worker;
  const globs = await Promise.all(
    (['measuring', 'deriving'] as const).map(async (key) =>
      (await patternProblems(workspaceRoot, root, key, manifest[key])).map(({ pattern, ...text }): Problem => ({
        at: [key, pattern],
        ...text,
      })),
    ),
  );
  const measured = await measuredProjects(workspaceRoot, worker);
  const problems = [
    ...globs.flat(),
    ...(await buildProblems(workspaceRoot, worker)),
    ...(await projectProblems(workspaceRoot, worker, measured)),
    ...placeholderProblems(worker),
  ];
  // Whether a glob covers a file is only known when the globs are right.
  if (problems.length === 0) problems.push(...(await coverProblems(workspaceRoot, worker, measured.projects)));
  if (problems.length === 0) return;
  const file = `${root}/worker.json`;
  const text = await readFile(join(workspaceRoot, file), 'utf8').catch(() => '');
  throw new WorkerError(
    workerProblems(
      file,
      problems.map((problem) => ({ ...problem, line: lineOf(text, problem.at) })),
    ),
  );
}

/** A build sees the files that are named, so each name must stand for some. */
async function buildProblems(workspaceRoot: string, { root, manifest: { environment } }: Worker): Promise<Problem[]> {
  if (environment.type !== 'container' || environment.build === undefined) return [];
  const { file, context } = environment.build;
  const named = { file: [fastGlob.escapePath(file)], context };
  const found = Object.entries(named).map(async ([key, patterns]) =>
    (await patternProblems(workspaceRoot, root, `environment.build.${key}`, patterns)).map(
      ({ pattern, ...text }): Problem => ({ at: [key, pattern], ...text }),
    ),
  );
  return (await Promise.all(found)).flat();
}

async function projectProblems(
  workspaceRoot: string,
  { root, manifest: { measuring } }: Worker,
  { projects, problems }: MeasuredProjects,
): Promise<Problem[]> {
  const negations = measuring.filter(isNegation);
  const linked = projects.map(async ({ name, pattern }): Promise<Problem[]> => {
    const problem = await linkProblem({ workspaceRoot, root }, [pattern, ...negations]);
    return problem ? [{ at: ['projects', name], ...problem }] : [];
  });
  const unusable = problems.map(({ name, ...problem }): Problem => ({ at: ['projects', name], ...problem }));
  return [...unusable, ...(await Promise.all(linked)).flat()];
}

/** Misspelt placeholders would reach the program as they are; other braces are its own. */
function placeholderProblems({ manifest: { commands, env, environment } }: Worker): Problem[] {
  const names = (place: string, key: string, text: string, isMeasure: boolean): Problem[] =>
    namesInBraces(text).flatMap((name) => {
      const problem = placeholderProblem(place, name, isMeasure, environment.type === 'npm');
      return problem ? [{ at: [key, text], ...problem }] : [];
    });
  return [
    ...Object.entries(commands).flatMap(([command, texts]) =>
      (texts ?? []).flatMap((text) => names(`commands.${command}`, command, text, command === 'measure')),
    ),
    ...Object.entries(env).flatMap(([name, value]) => names(`env.${name}`, name, value, false)),
  ];
}

function placeholderProblem(place: string, name: string, isMeasure: boolean, hasModules: boolean): Text | null {
  const isKnown = (PLACEHOLDERS as readonly string[]).includes(name);
  if (isKnown && name === 'out' && isMeasure) return commandTexts.notHere(place, name, 'in `commands.derive`');
  if (isKnown && name === 'modules' && !hasModules)
    return commandTexts.notHere(place, name, 'where `environment` is of the type `npm`');
  if (isKnown) return null;
  if (/^(workspaceRoot|projectRoot)$/i.test(name)) return commandTexts.workspaceRoot(place);
  const isNear = didYouMean(name, PLACEHOLDERS)?.startsWith('Did') ?? false;
  return isNear ? commandTexts.placeholder(place, name, [...PLACEHOLDERS]) : null;
}

async function coverProblems(workspaceRoot: string, worker: Worker, projects: MeasuredProject[]): Promise<Problem[]> {
  const { root, manifest } = worker;
  const { commands, env, measuring, deriving } = manifest;
  const folder = join(workspaceRoot, root);
  const locks = [...lockFiles(manifest.environment).values()].flat().map((file) => join(folder, file));
  const [measured, derived] = [measuring, deriving].map((patterns) =>
    matched(folder, workerPatterns({ workspaceRoot, root }, patterns)),
  );
  const always = [...measured!, ...projects.flatMap(({ files }) => files), ...locks];
  const byMeasuring = coverage(always);
  const byBoth = coverage([...always, ...derived!]);
  const of = (path: string) => relative(workspaceRoot, path);
  const problems: Problem[] = [];
  const refuse = async (place: string, key: string, named: Named[], isMeasure: boolean) => {
    for (const { text, path, isFolder } of named) {
      const covers = isMeasure ? byMeasuring : byBoth;
      if (isFolder || (await covers.file(path))) continue;
      const keys = isMeasure ? '`measuring`' : '`measuring` or `deriving`';
      const pattern = asPattern(workspaceRoot, root, path);
      problems.push({ at: [key, text], ...commandTexts.uncovered(place, of(path), keys, pattern) });
    }
  };
  await refuse('commands.measure', 'measure', namedFiles(workspaceRoot, worker, commands.measure), true);
  if (commands.derive)
    await refuse('commands.derive', 'derive', namedFiles(workspaceRoot, worker, commands.derive), false);
  for (const [name, value] of Object.entries(env)) {
    const named = namedByVariable(workspaceRoot, worker, value);
    await refuse(`env.${name}`, name, named, false);
    if (!HOLDS_CODE.test(name)) continue;
    for (const { text, path } of named.filter((one) => one.isFolder && !byBoth.below(one.path))) {
      const pattern = `${asPattern(workspaceRoot, root, path)}/**`;
      problems.push({ at: [name, text], ...commandTexts.uncoveredFolder(`env.${name}`, of(path), pattern) });
    }
  }
  return problems;
}

/** Variables in which interpreters and loaders look for code: PYTHONPATH, NODE_PATH, LD_LIBRARY_PATH, PERL5LIB, … */
const HOLDS_CODE = /PATH$|^(PERL5LIB|RUBYLIB|R_LIBS|LD_PRELOAD)$/;

interface Coverage {
  file(path: string): Promise<boolean>;
  below(folder: string): boolean;
}

function coverage(paths: string[]): Coverage {
  const all = new Set(paths);
  let real: Promise<Set<string>> | undefined;
  const followed = (path: string) => realpath(path).catch(() => path);
  return {
    // The same file may be covered by another name.
    async file(path) {
      if (all.has(path)) return true;
      real ??= Promise.all(paths.map(followed)).then((found) => new Set(found));
      return (await real).has(await followed(path));
    },
    below: (folder) => paths.some((path) => path.startsWith(`${folder}/`)),
  };
}

function lineOf(json: string, [key, text]: Problem['at']): number | null {
  const from = json.indexOf(`${JSON.stringify(key)}:`);
  const at = text === null ? from : json.indexOf(JSON.stringify(text), Math.max(0, from));
  const found = at < 0 ? from : at;
  return found < 0 ? null : json.slice(0, found).split('\n').length;
}
