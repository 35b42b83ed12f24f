import { posix } from 'node:path';
import { z } from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { Problem } from '../yaml/problem.ts';
import { explainGrammar } from '../yaml/explain.ts';
import { settingsShape, studySchema } from '../plan/study.ts';
import type { Study, StudyFile } from '../plan/study.ts';
import { readYaml } from '../yaml/yaml.ts';
import { fileTexts } from '../yaml/texts.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { readText, yamlIssues, wholeFile, issueAt } from '../yaml/read.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,59}$/;

/** The name of a study's folder. */
export const isStudyName = (name: string): boolean => NAME.test(name);

export interface ReadStudy {
  /** Null when nothing of the file is usable. */
  study: Study | null;
  /** What is wrong so far; when there is anything, `study` holds only what is usable. */
  issues: StudyIssue[];
  /** Turns a problem into an issue, with line and column. */
  issueOf: (problem: Problem) => StudyIssue;
}

/** The text of a study file, or why it can't be read: a bad name of its folder, no file, too large, not UTF-8, a link that leaves the workspace. */
export async function readStudyText(
  workspaceRoot: string,
  file: string,
): Promise<{ text: string } | { issues: StudyIssue[] }> {
  const name = posix.basename(posix.dirname(file));
  if (!isStudyName(name)) return { issues: [wholeFile(file, fileTexts.badName(name))] };
  const read = await readText(workspaceRoot, file);
  if ('text' in read) return read;
  return { issues: [wholeFile(file, read.code === 'ENOENT' ? fileTexts.missing() : read.problem)] };
}

/** Parses a study file's text and checks it against the grammar. Returns all problems together, and throws none. */
export function readStudy(file: string, text: string): ReadStudy {
  const yaml = readYaml(text);
  const issueOf = (problem: Problem) => issueAt(file, yaml, problem);
  const issues = yamlIssues(file, yaml);
  const name = posix.basename(posix.dirname(file));
  if (issues.length > 0 && yaml.value === null) return { study: null, issues, issueOf };
  if (yaml.value === null) return { study: null, issues: [wholeFile(file, fileTexts.empty())], issueOf };
  if (!isJsonObject(yaml.value))
    return { study: null, issues: [...issues, wholeFile(file, fileTexts.notAMap(yaml.value))], issueOf };

  const parsed = studySchema.safeParse(yaml.value);
  if (parsed.success) return { study: { ...parsed.data, name, file }, issues, issueOf };
  issues.push(...explainGrammar(parsed.error, yaml.value, studySchema).map(issueOf));
  return { study: { ...salvage(yaml.value, parsed.error), name, file }, issues, issueOf };
}

// Takes unusable values out, so that the rest of the file is checked as well. Lists keep their positions.
function salvage(value: JsonObject, error: z.ZodError): StudyFile {
  const rest = structuredClone(value);
  for (const { path, code } of error.issues) {
    if (code === 'unrecognized_keys' && path.length === 0) continue;
    remove(rest, path as (string | number)[]);
  }
  const settings = z.object(settingsShape).safeParse(rest);
  const grammar = {
    base: {},
    sweep: {},
    zip: [],
    variants: {},
    exclude: [],
    experiments: [],
    ...rest,
    expect: { failed: [], ...(isJsonObject(rest.expect) ? rest.expect : {}) },
    ...(settings.success ? settings.data : z.object(settingsShape).parse({})),
  };
  return grammar;
}

const DEPTHS: Record<string, number> = { sweep: 2, zip: 2, variants: 3, exclude: 2, experiments: 2 };

function remove(value: JsonObject, path: (string | number)[]): void {
  // The unusable worker has its own issue, so it must not be reported as missing too.
  if (path[0] === 'worker' || path[0] === 'workers') {
    delete value.worker;
    value.workers = [];
    return;
  }
  const unit = path.slice(0, DEPTHS[String(path[0])] ?? 1);
  const parent = valueAt(value, unit.slice(0, -1)) as Json;
  const last = unit.at(-1)!;
  if (Array.isArray(parent)) parent[Number(last)] = null;
  else if (isJsonObject(parent)) delete parent[last];
}
