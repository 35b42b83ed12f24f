import { join } from 'node:path';
import { checkTexts } from '../worker/check-texts.ts';
import { cacheRoot } from '../environment/cache.ts';
import { chooseInterpreter, findInterpreters } from '../environment/interpreter.ts';
import { tsx } from '../environment/tsx.ts';
import type { JsonObject } from '../base/json.ts';
import { findProgram } from '../machine/program.ts';
import { PROTOCOL } from '../worker/manifest.ts';
import type { Worker } from '../worker/manifest.ts';
import { fillPlaceholders } from '../worker/placeholders.ts';
import { answerSchema, inWorkspace } from './answer.ts';
import type { Question, Reply } from './answer.ts';
import { answerOf } from './process.ts';
import type { Ended, Limits } from './process.ts';
import { reasonOf } from '../base/reason.ts';
import { kitsFolder } from '../workspace/places.ts';

export const CHECK_LIMITS: Limits = { timeout_s: 60, output_bytes: 1 << 20 };

/** Runs a worker's check on the settings that it reads, without an environment. @throws only the signal's reason. */
export async function runCheck(
  workspaceRoot: string,
  worker: Worker,
  configuration: JsonObject,
  { signal, limits = CHECK_LIMITS }: { signal?: AbortSignal | undefined; limits?: Limits } = {},
): Promise<Reply> {
  const unchecked = (reason: string): Reply => ({
    state: 'unchecked',
    reason: checkTexts.unchecked(worker.name, reason),
  });
  const { command } = worker.manifest.check!;
  const python = command.some((text) => text.includes('{python}')) ? await pythonOf(worker) : { path: '' };
  if ('reason' in python) return unchecked(checkTexts.noPython(python.reason));
  const known = {
    python: python.path,
    node: process.execPath,
    tsx: tsx.url,
    worker: join(workspaceRoot, worker.root),
    kits: kitsFolder(workspaceRoot),
  };
  const fill = (text: string) => fillPlaceholders(text, known);
  const question: Question = { protocol: PROTOCOL, configuration };
  let ended: Ended;
  try {
    const call = { command: command.map(fill), env: environmentOf(worker, fill), input: JSON.stringify(question) };
    ended = await answerOf(call, limits, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return unchecked(reasonOf(error));
  }
  if (ended.by === 'itself' && ended.code === 0) return answered(workspaceRoot, ended.stdout, unchecked);
  return unchecked(whyNot(ended, command, limits));
}

function answered(workspaceRoot: string, stdout: string, unchecked: (reason: string) => Reply): Reply {
  try {
    const answer = answerSchema.parse(JSON.parse(stdout));
    return { ...answer, state: 'answered', problems: inWorkspace(workspaceRoot, answer.problems) };
  } catch (error) {
    return unchecked(checkTexts.noAnswer(reasonOf(error).split('\n')[0]!));
  }
}

function whyNot({ by, code, signal, said }: Ended, command: string[], { timeout_s, output_bytes }: Limits): string {
  if (by === 'timeout') return checkTexts.timeout(timeout_s);
  if (by === 'too-long') return checkTexts.tooLong(output_bytes);
  if (by === 'not-started') return checkTexts.notStarted(command[0]!, said);
  return checkTexts.failed(signal ?? `exit code ${code}`, said.split('\n').at(-1)!);
}

/** The Python that the worker's environment would be made with. */
async function pythonOf({ name, manifest }: Worker): Promise<{ path: string } | { reason: string }> {
  const { environment } = manifest;
  if (environment.type !== 'uv') {
    const path = findProgram('python3');
    return path === null ? { reason: checkTexts.noProgram } : { path };
  }
  try {
    return chooseInterpreter(name, environment.python, await findInterpreters(cacheRoot()));
  } catch (error) {
    return { reason: reasonOf(error).split('\n')[0]! };
  }
}

const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/** The worker's own variables, without those that need an environment, and without the user's site packages. */
function environmentOf({ manifest }: Worker, fill: (text: string) => string): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const own = Object.entries(manifest.env).map(([name, value]) => [name, fill(value)] as const);
  return {
    ...Object.fromEntries(inherited),
    ...Object.fromEntries(own.filter(([, value]) => !PLACEHOLDER.test(value))),
    PYTHONHASHSEED: '0',
    PYTHONNOUSERSITE: '1',
    PYTHONSAFEPATH: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUTF8: '1',
  };
}

const PLACEHOLDER = /\{[a-z]+\}/;
