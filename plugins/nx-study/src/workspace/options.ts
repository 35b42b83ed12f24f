import { z } from 'zod';
import { isJsonObject } from '../base/json.ts';
import type { Json } from '../base/json.ts';
import { isFolderPattern, isWithin, STUDIES, writtenOptions } from './entry.ts';
import { notOneOf, optionsMessage } from './texts.ts';

/** What a study's project can do: each is a target of it, and an option of the plugin gives the target's name. */
export const COMMANDS = [
  'measure',
  'plan',
  'status',
  'report',
  'compare',
  'query',
  'promote',
  'refine',
  'doctor',
  'note',
  'remeasure',
  'accept',
  'export',
  'import',
] as const;
export type Command = (typeof COMMANDS)[number];

const PLAIN = /^[\w@./-]+$/;

const inside = z
  .string()
  .refine(
    (path) => PLAIN.test(path) && isWithin(path),
    'this must be a folder of the workspace, relative to its root, such as "measuring/workers"',
  );
const folders = z
  .string()
  .refine(
    isFolderPattern,
    'this must be a folder of the workspace, or a pattern of folders, such as "packages/*/studies"',
  );
const anywhere = z
  .string()
  .refine(
    (path) => PLAIN.test(path) && (isWithin(path) || /^\/[^/]/.test(path)),
    'this must be a folder of the workspace, or an absolute path, such as "/data/results"',
  );
const CHAINS = ['tasks', 'projects'] as const;
const target = z.string().regex(/^[\w-]+$/, 'this must have letters, digits, _ and - only');

const schema = z
  .strictObject({
    measureTargetName: target.default('measure'),
    planTargetName: target.default('plan'),
    statusTargetName: target.default('status'),
    reportTargetName: target.default('report'),
    compareTargetName: target.default('compare'),
    queryTargetName: target.default('query'),
    promoteTargetName: target.default('promote'),
    refineTargetName: target.default('refine'),
    doctorTargetName: target.default('doctor'),
    noteTargetName: target.default('note'),
    remeasureTargetName: target.default('remeasure'),
    acceptTargetName: target.default('accept'),
    exportTargetName: target.default('export'),
    importTargetName: target.default('import'),
    studies: z
      .array(folders)
      .min(1, 'this must name at least one folder')
      .refine(
        (all) => !all[0]?.includes('*'),
        'the first one must be a folder without *: it also holds assets.yaml and platforms',
      )
      .default(STUDIES),
    workers: inside.default('workers'),
    results: anywhere.default('results'),
    chain: z.enum(CHAINS, notOneOf(CHAINS)).default('tasks'),
  })
  .superRefine((options, context) => {
    const names = COMMANDS.map((command) => options[`${command}TargetName`]);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `two targets have the name "${twice}"` });
  });

/** The plugin's options in nx.json, with defaults: names of targets, and folders relative to the workspace. */
export type PluginOptions = z.infer<typeof schema>;

interface Known {
  options: PluginOptions;
  /** All that is wrong in nx.json; the options have their defaults there. null where nothing is. */
  problem: string | null;
}

/**
 * The options of this plugin in a workspace's nx.json, of its first entry there, with the defaults in place of those that
 * are missing or wrong. Throws only where nx.json can't be read.
 */
export const pluginOptions = (workspaceRoot: string): PluginOptions => read(workspaceRoot).options;

/** All that is wrong in the options of this plugin, in words; null where nothing is. No study may be used then. */
export const optionsProblem = (workspaceRoot: string): string | null => read(workspaceRoot).problem;

/** Has the options read again when they are next needed: Nx's daemon keeps its process while people edit nx.json. */
export const forgetOptions = (): void => known.clear();

const known = new Map<string, Known>();

// Once in a process that measures: an edit meanwhile must not divide the results of a run among two folders.
function read(workspaceRoot: string): Known {
  const before = known.get(workspaceRoot);
  if (before !== undefined) return before;
  const now = parse(writtenOptions(workspaceRoot));
  known.set(workspaceRoot, now);
  return now;
}

function parse(written: Json): Known {
  const parsed = schema.safeParse(written);
  if (parsed.success) return { options: parsed.data, problem: null };
  const usable = Object.entries(isJsonObject(written) ? written : {}).filter(
    ([name, value]) => Object.hasOwn(schema.shape, name) && schema.safeParse({ [name]: value }).success,
  );
  // Two names may be the same, each of them right by itself.
  const rest = schema.safeParse(Object.fromEntries(usable));
  return {
    options: rest.data ?? schema.parse({}),
    problem: optionsMessage(parsed.error, written, Object.keys(schema.shape)),
  };
}
