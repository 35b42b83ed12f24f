import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { platformFileTexts, platformTexts } from './texts.ts';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { explainGrammar } from '../yaml/explain.ts';
import { readYaml } from '../yaml/yaml.ts';
import { platformFile, platformsFolder } from './name.ts';
import { ruleNames } from './rules/index.ts';
import type { RuleName } from './rules/index.ts';
import { platformSchema } from './schema.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { issueAt, readText, wholeFile, yamlIssues } from '../yaml/read.ts';

/** A rule of a profile. */
export interface ProfileRule {
  name: RuleName;
  need: JsonObject;
  level: 'refuse' | 'warn';
  /** The author's advice where it isn't met; null for the rule's own. */
  message: string | null;
}

export interface Profile {
  name: string;
  rules: ProfileRule[];
}

export type ReadProfile = { profile: Profile; issues: [] } | { profile: null; issues: StudyIssue[] };

/** The names of the profiles of a workspace. */
export async function profileNames(workspaceRoot: string): Promise<string[]> {
  const files = await readdir(join(workspaceRoot, platformsFolder(workspaceRoot))).catch(() => []);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
}

/** Reads a profile and checks it against the grammar. Returns all problems together, and throws none. */
export async function readProfile(workspaceRoot: string, name: string): Promise<ReadProfile> {
  const file = platformFile(workspaceRoot, name);
  const read = await readText(workspaceRoot, file);
  if ('problem' in read) return { profile: null, issues: [wholeFile(file, read.problem)] };
  const yaml = readYaml(read.text);
  const issues = yamlIssues(file, yaml);
  if (issues.length > 0) return { profile: null, issues };
  if (yaml.value === null) return { profile: null, issues: [wholeFile(file, platformFileTexts.empty())] };
  if (!isJsonObject(yaml.value))
    return { profile: null, issues: [wholeFile(file, platformFileTexts.notAMap(yaml.value))] };
  const parsed = platformSchema.safeParse(yaml.value);
  if (!parsed.success) {
    const problems = explainGrammar(parsed.error, yaml.value, platformSchema, {});
    return { profile: null, issues: problems.map((problem) => issueAt(file, yaml, problem)) };
  }
  const written = parsed.data.rules as Partial<Record<RuleName, JsonObject>>;
  const rules = ruleNames.flatMap((rule) => (written[rule] ? [ruleOf(rule, written[rule])] : []));
  return { profile: { name, rules }, issues: [] };
}

function ruleOf(name: RuleName, { level, message, ...need }: JsonObject): ProfileRule {
  return { name, need, level: level as ProfileRule['level'], message: (message as string | undefined) ?? null };
}

/** The profile that a study was planned with. @throws Error, with all problems, when the file is no profile any more. */
export async function openProfile(workspaceRoot: string, name: string): Promise<Profile> {
  const { profile, issues } = await readProfile(workspaceRoot, name);
  if (profile !== null) return profile;
  const places = issues.map(({ line, path, message }) =>
    [line && `line ${line}`, path, message].filter(Boolean).join(' '),
  );
  throw new Error(platformTexts.unreadable(platformFile(workspaceRoot, name), places));
}

/**
 * A profile's share of an identity: its name, and its rules with their levels, which decide which results count. Descriptions
 * and messages are left out, so that a better wording measures nothing again.
 */
export async function profileIdentity(workspaceRoot: string, name: string): Promise<JsonObject> {
  const { profile } = await readProfile(workspaceRoot, name);
  if (profile === null) return { profile: name, rules: null };
  const rules = profile.rules.map(({ name: rule, need, level }) => [rule, { ...need, level }]);
  return { profile: name, rules: Object.fromEntries(rules) as JsonObject };
}
