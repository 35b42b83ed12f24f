import { isJsonObject } from '../../base/json.ts';
import type { Json } from '../../base/json.ts';
import { secretNames } from '../../measure/worker/command.ts';
import type { Plan } from '../../plan/types.ts';
import { visible } from '../../base/visible.ts';
import type { Worker } from '../../worker/manifest.ts';

/** What a study has run on this machine by one worker, and what it may send elsewhere. */
export interface Programs {
  worker: string;
  /** Command lines of the worker's `worker.json`, with their placeholders. */
  measure: string[];
  derive: string[] | null;
  /** The one that runs before anything is built, and by `plan` itself; null without one. */
  check: string[] | null;
  /** Command lines in the settings (a key `command`), each once. */
  started: string[][];
  /** Addresses in the settings, each once. */
  urls: string[];
  /** Names of variables of the caller that reach the worker beside the usual ones, such as `PATH`. */
  variables: string[];
  /** Those of them that settings name. */
  secrets: string[];
}

/** The programs of a plan, by worker. Pure. */
export function programsOf({ experiments }: Plan, workers: ReadonlyMap<string, Worker>): Programs[] {
  return [...new Set(experiments.map(({ worker }) => worker))].map((name) => {
    const worker = workers.get(name)!;
    const { commands, check, passEnvironment } = worker.manifest;
    const configurations = experiments.filter((one) => one.worker === name).map(({ configuration }) => configuration);
    const leaves = configurations.flatMap((configuration) => leavesOf('', configuration));
    const secrets = unique(configurations.flatMap((configuration) => secretNames(worker, configuration)));
    return {
      worker: name,
      measure: commands.measure,
      derive: commands.derive ?? null,
      check: check?.command ?? null,
      started: unique(
        leaves.flatMap(({ key, value }) => (key === 'command' ? [JSON.stringify(words(value))] : [])),
      ).map((line) => JSON.parse(line) as string[]),
      urls: unique(leaves.flatMap(({ value }) => (typeof value === 'string' && ADDRESS.test(value) ? [value] : []))),
      variables: unique([...passEnvironment, ...secrets]),
      secrets,
    };
  });
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Values by their last key, lists whole; items of lists as well. */
function leavesOf(key: string, value: Json): { key: string; value: Json }[] {
  if (isJsonObject(value)) return Object.entries(value).flatMap(([name, inner]) => leavesOf(name, inner));
  if (Array.isArray(value)) return [{ key, value }, ...value.flatMap((item) => leavesOf('', item))];
  return value === null ? [] : [{ key, value }];
}

const words = (value: Json): string[] => (Array.isArray(value) ? value : [value]).map(String);
const unique = (texts: string[]): string[] => [...new Set(texts)];

const MOST = 8;

/** The same for a terminal, in lines. */
export function programsText(programs: Programs[]): string[] {
  return programs.flatMap(({ worker, measure, derive, check, started, urls, variables, secrets }) => {
    const passed = variables.map((name) => (secrets.includes(name) ? `${name} (named by the study)` : name));
    return [
      `${worker} runs: ${lineOf(measure)}`,
      ...(derive ? [`${worker} runs: ${lineOf(derive)}`] : []),
      ...(check ? [`${worker} runs, for plan as well: ${lineOf(check)}`] : []),
      ...some(started.map((command) => `${worker} starts for the study: ${lineOf(command)}`)),
      ...some(urls.map((url) => `${worker} is given the address: ${visible(url)}`)),
      ...(passed.length > 0
        ? [`${worker} gets of your environment: ${passed.map((name) => visible(name)).join(', ')}`]
        : []),
    ];
  });
}

const some = (lines: string[]): string[] =>
  lines.length > MOST ? [...lines.slice(0, MOST), `  … and ${lines.length - MOST} more of these, with --json`] : lines;

const lineOf = (command: string[]): string =>
  command.map((word) => visible(/^[\w./:=@%+,{}-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
