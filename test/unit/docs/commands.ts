import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../../plugins/nx-study/src/workspace/options.ts';
import { filesOf, pages, readPage, repository } from '../../helpers/docs.ts';

const json = (file: string) => JSON.parse(readFileSync(join(repository, file), 'utf8')) as Record<string, object>;
const scripts = Object.keys(json('package.json')['scripts']!);
const variables = new Set([...readPage('docs/commands.md').matchAll(/^\| `(NX_STUDY_\w+)/gm)].map(([, name]) => name));

/** Commands of a study, and their options by their schemas. */
export const targets = new Map<string, Set<string>>(COMMANDS.map((name) => [name, optionsOf(name)]));
const OF_NX = new Set(['excludeTaskDependencies', 'outputStyle', 'verbose']);
const TASKS =
  / -t (measure( --excludeTaskDependencies| -p "tag:[^"]+")?|build test( measure)?|doctor|report( --markdown --outputStyle=static| -p tag:gpu)?)/;
const NX_COMMANDS = new RegExp(
  `^((run-many|affected)(${TASKS.source})?|graph|sync|sync:check|init|add( nx-study)?|release <version>)$`,
);
/** What pages write out, and test/e2e/docs.test.ts runs. */
const OF_PAGES = /^node studies\/\S+\.mjs$/;
const OTHER_TOOLS =
  /^(npm ci|npm test|npm start|npm install --package-lock-only --ignore-scripts|git clone \S.*|git worktree add \S.*|cd \S+|for \w+ in .*|do|done|set -- .*|uv pip compile --universal .*)$/;

/** The schema of the executor, which lies where executors.json says it is after a build. */
function optionsOf(target: string): Set<string> {
  const executors = json('plugins/nx-study/executors.json')['executors'] as Record<string, { schema: string }>;
  // A study's own `measure` is another executor than that of its measurements; neither takes options.
  if (target === 'measure') return new Set();
  const file = executors[target]!.schema.replace('./dist/', 'plugins/nx-study/src/');
  return new Set(Object.keys(json(file)['properties']!));
}

/** Generators, and their options by their schemas. */
const generators = new Map(
  ['study', 'worker', 'platform'].map((name) => {
    const { properties } = json(`plugins/nx-study/src/generators/${name}/schema.json`);
    return [name, new Set([...Object.keys(properties!), 'dry-run'])];
  }),
);

function problemOfGenerator(text: string): string | null {
  const [, generator, rest] = /^g nx-study:(\w+) [\w<>-]+(.*)$/.exec(text) ?? [];
  const options = generators.get(generator!);
  if (!options) return `${text}: no such generator`;
  const unknown = [...rest!.matchAll(/ --([\w-]+)/g)].find(([, name]) => !options.has(name!));
  return unknown ? `${text}: ${generator!} has no option ${unknown[0].trim()}` : null;
}

/** What is wrong with a line of a shell: commands, targets, studies, options, scripts or files that don't exist. */
export function problemsOfLine(line: string, studies: ReadonlySet<string>): string[] {
  const commands = withoutParentheses(line.replace(/(^|\s+)#.*$/, '')).split(/\s*(?:&&|;)\s*/);
  return commands.filter((command) => command !== '').flatMap((command) => problemOf(command, studies) ?? []);
}

/** A line of a script, without what makes it run in a shell of its own. */
const withoutParentheses = (line: string): string => line.trim().replace(/^\((.*)\)$/, '$1');

function problemOf(whole: string, studies: ReadonlySet<string>): string | null {
  const [, settings, command] = /^((?:[A-Z_]+=\S+ )*)(.*)$/.exec(whole)!;
  for (const [, name] of settings!.matchAll(/(NX_STUDY_\w+)=/g))
    if (!variables.has(name)) return `${whole}: docs/commands.md knows no ${name}`;
  const [, script] = /^npm run (\S+)/.exec(command!) ?? [];
  if (script !== undefined) return scripts.includes(script) ? null : `${whole}: no such script`;
  if (OF_PAGES.test(command!))
    return pages.some((page) => filesOf(page).has(command!.slice(5))) ? null : `${whole}: no such file`;
  const [, file] = /^node ((?:tools|workers)\/\S+)/.exec(command!) ?? [];
  if (file !== undefined) return existsSync(join(repository, file)) ? null : `${whole}: no such file`;
  const [, nx] = /^(?:npx )?nx (.*)$/.exec(command!) ?? [];
  if (nx === undefined) return OTHER_TOOLS.test(command!) ? null : `${whole}: nobody knows this command`;
  if (nx.startsWith('g ')) return problemOfGenerator(nx);
  if (!nx.startsWith('run ')) return NX_COMMANDS.test(nx) ? null : `${whole}: no such command of Nx here`;
  const [, project, target, rest] = /^run '?([^\s:']+):([\w-]+)'?(.*)$/.exec(nx) ?? [];
  if (project === undefined || !targets.has(target!)) return `${whole}: no such target`;
  if (!studies.has(project)) return `${whole}: no such study`;
  const unknown = [...rest!.matchAll(/ --(\w+)/g)].find(
    ([, name]) => !OF_NX.has(name!) && !targets.get(target!)!.has(name!),
  );
  return unknown ? `${whole}: ${target!} has no option ${unknown[0].trim()}` : null;
}
