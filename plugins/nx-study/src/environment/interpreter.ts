import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { noInterpreter } from './texts.ts';
import { writeAtomically } from '../base/whole-file.ts';
import { pythonCandidates, type Surroundings } from './places.ts';
import { compareVersions, lowestMinor, versionRange } from './versions.ts';

const interpreterSchema = z.strictObject({
  /** Absolute; of the installation itself, never of a virtual environment. */
  path: z.string(),
  /** Such as `3.12.1`. */
  version: z.string(),
  implementation: z.string(),
  /** Why it is never taken; null when it may be. */
  refused: z.string().nullable(),
});
export type Interpreter = z.infer<typeof interpreterSchema>;

const memorySchema = z.record(
  z.string(),
  z.strictObject({ mtimeMs: z.number(), size: z.number(), interpreter: interpreterSchema.nullable() }),
);
type Memory = z.infer<typeof memorySchema>;

/** All Pythons of this machine, newest first. Each is run once, and its answer is remembered until its file changes. */
export async function findInterpreters(cacheDir: string, surroundings: Surroundings = {}): Promise<Interpreter[]> {
  const file = join(cacheDir, 'interpreters.json');
  const remembered = await readMemory(file);
  const memory: Memory = {};
  const queue = pythonCandidates(surroundings);
  let asked = 0;
  const work = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const now = await fileState(path);
      if (now === null) continue;
      const before = remembered[path];
      const same = before?.mtimeMs === now.mtimeMs && before.size === now.size;
      memory[path] = { ...now, interpreter: same ? before.interpreter : await ask(path) };
      if (!same) asked += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, work));
  // Only a hint: where it can't be written, each Python is run again.
  if (asked > 0) await writeAtomically(file, JSON.stringify(memory, null, 1)).catch(() => {});
  const found = new Map(Object.values(memory).flatMap(({ interpreter: it }) => (it ? [[it.path, it] as const] : [])));
  return [...found.values()].toSorted((a, b) => compareVersions(b.version, a.version) || (a.path < b.path ? -1 : 1));
}

/** The newest Python within the range, such as `>=3.12,<3.15`. @throws EnvironmentError that lists all that were found. */
export function chooseInterpreter(worker: string, constraint: string, found: Interpreter[]): Interpreter {
  const satisfies = versionRange(constraint);
  const chosen = found.find(({ version, refused }) => refused === null && satisfies(version));
  if (chosen === undefined) throw noInterpreter(worker, constraint, found, lowestMinor(constraint));
  return chosen;
}

const CONCURRENT = 2;
const ANSWER_TIMEOUT_MS = 10_000;

const QUESTION = `
import json, platform, sys, sysconfig
v = sys.version_info
print(json.dumps({
    "path": getattr(sys, "_base_executable", None) or sys.executable,
    "version": "%d.%d.%d" % v[:3],
    "release": v[3] == "final",
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "implementation": platform.python_implementation(),
}))`;

const answerSchema = z.strictObject({
  path: z.string().startsWith('/'),
  version: z.string(),
  release: z.boolean(),
  free_threaded: z.boolean(),
  implementation: z.string(),
});

// null for a program that is no working Python 3.
async function ask(candidate: string): Promise<Interpreter | null> {
  try {
    const { stdout } = await promisify(execFile)(candidate, ['-I', '-c', QUESTION], {
      timeout: ANSWER_TIMEOUT_MS,
      cwd: '/',
    });
    const answer = answerSchema.parse(JSON.parse(stdout));
    const { path, version, implementation } = answer;
    return { path, version, implementation, refused: refusal(answer) };
  } catch {
    return null;
  }
}

// Wheels are for released CPythons.
function refusal({ release, implementation, free_threaded }: z.infer<typeof answerSchema>): string | null {
  if (!release) return 'pre-release';
  if (implementation !== 'CPython') return implementation;
  return free_threaded ? 'free-threaded build' : null;
}

async function fileState(path: string): Promise<{ mtimeMs: number; size: number } | null> {
  try {
    const { mtimeMs, size } = await stat(path);
    return { mtimeMs, size };
  } catch {
    return null;
  }
}

async function readMemory(file: string): Promise<Memory> {
  try {
    return memorySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
