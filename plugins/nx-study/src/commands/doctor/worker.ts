import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { placeOf } from '../../assets/fetch.ts';
import type { AssetManifest } from '../../assets/manifest.ts';
import type { JsonObject } from '../../base/json.ts';
import { mapPaths } from '../../base/path.ts';
import { reasonOf } from '../../base/reason.ts';
import type { Question } from '../../check/answer.ts';
import { doctorAnswerSchema } from '../../check/doctor-answer.ts';
import { answerOf } from '../../check/process.ts';
import type { Ended, Limits } from '../../check/process.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { cpuAllowance } from '../../machine/cpus.ts';
import { modulesIn } from '../../measure/one/request.ts';
import { invocation, secretsOf } from '../../measure/worker/command.ts';
import { PROTOCOL } from '../../worker/manifest.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { Size } from '../../worker/size.ts';
import { importingNode, IMPORTING_PYTHON } from './importing.ts';
import { fails, ok, unknown } from './items.ts';
import type { Item } from './items.ts';
import { doctorTexts as texts } from './texts.ts';

/** Engines import for long where nothing of them is in memory yet. */
const LIMITS: Limits = { timeout_s: 300, output_bytes: 1 << 20 };

interface Place {
  workspaceRoot: string;
  worker: Worker;
  environment: PreparedEnvironment | null;
}

/**
 * Whether the packages can be imported that a measurement of a worker imports.
 * @param variant - of the environment; null where it has only one.
 */
export async function importItems(place: Place, variant: string | null = null): Promise<Item[]> {
  const { worker, environment } = place;
  const names = worker.manifest.doctor?.imports ?? [];
  if (names.length === 0) return [];
  if (environment === null) return [unknown('engine', texts.notBuilt(worker.name))];
  if (environment.container !== null) return [unknown('engine', texts.inContainer(worker.name))];
  const command =
    environment.python === null
      ? ['{node}', '--input-type=module', '--eval', importingNode(environment.modules ?? '')]
      : ['{python}', '-c', IMPORTING_PYTHON];
  const ended = await run(place, { command, environment, input: JSON.stringify(names), configuration: {} });
  const found = read(ended, importsSchema);
  if (typeof found === 'string')
    return [fails('engine', texts.importsFailed(worker.name, names, found), texts.rebuild)];
  return found.map((one) => importItem(worker, one, variant));
}

/** In the variant `cuda` a PyTorch that finds no GPU is of no use, though it can be imported. */
function importItem({ name: worker }: Worker, { name, version, error, cuda }: Imported, variant: string | null): Item {
  if (error !== null) return fails('engine', texts.notImported(worker, name, error), texts.rebuild);
  const imported = texts.imported(worker, name, version);
  if (cuda === null) return ok('engine', imported);
  const found = `${imported}; ${texts.cuda(cuda.built_for, cuda.gpus)}`;
  return variant === 'cuda' && cuda.gpus === 0 ? fails('engine', found, texts.olderDriver) : ok('engine', found);
}

const importsSchema = z.array(
  z.object({
    name: z.string(),
    version: z.string().nullable(),
    error: z.string().nullable(),
    cuda: z.object({ built_for: z.string().nullable(), gpus: z.int() }).nullable().default(null),
  }),
);
type Imported = z.infer<typeof importsSchema>[number];

/** `size`: of the model; null where the command does not say it. */
export interface Told {
  items: Item[];
  size: Size | null;
}

/** What a worker's own `doctor` command says of a measurement, such as of its server or its model. */
export async function toldByWorker(place: Place, task: MeasureTask, { assets }: AssetManifest): Promise<Told> {
  const { worker, workspaceRoot, environment } = place;
  const { command, settings = [], sizes = false } = worker.manifest.doctor ?? {};
  const untold = (message: string): Told => ({ items: [unknown(worker.name, message)], size: null });
  if (command === undefined) return { items: [], size: null };
  if (environment === null) return untold(texts.notBuilt(worker.name));
  if (environment.container !== null) return untold(texts.inContainer(worker.name));
  const absolute = mapPaths(task.configuration, task.dataFiles, (file) => join(workspaceRoot, file));
  const placed = mapPaths(absolute, task.assets, (value) => {
    const asset = isAbsolute(value) ? undefined : assets.get(value);
    return asset === undefined ? value : placeOf(asset);
  });
  const configuration = Object.fromEntries(Object.entries(placed).filter(([name]) => settings.includes(name)));
  const question: Question = { protocol: PROTOCOL, configuration, modules: modulesIn(workspaceRoot, task) };
  const input = JSON.stringify(question);
  const ended = await run(place, { command, environment, input, configuration: task.configuration });
  const found = read(ended, doctorAnswerSchema);
  if (typeof found === 'string') return untold(texts.noAnswer(worker.name, found));
  const items = found.items.map((item) => ({ ...item, message: item.message.replaceAll(`${workspaceRoot}/`, '') }));
  return { items, size: sizes ? found.size : null };
}

interface Started {
  /** With placeholders. */
  command: string[];
  environment: PreparedEnvironment;
  input: string;
  /** Names the variables of secrets. */
  configuration: JsonObject;
}

async function run(
  { workspaceRoot, worker }: Place,
  { command, environment, input, configuration }: Started,
): Promise<Ended | string> {
  const folder = await mkdtemp(join(tmpdir(), 'nx-study-doctor-'));
  try {
    const allowance = { cpus: cpuAllowance().allowed, memory_bytes: null };
    const call = invocation({ workspaceRoot, worker, command, environment, allowance, places: { run: folder } });
    const env = { ...call.env, ...secretsOf(worker, configuration), TMPDIR: folder };
    return await answerOf({ command: call.command, env, input }, LIMITS);
  } catch (error) {
    return reasonOf(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The answer of a program, or why there is none. */
function read<T>(ended: Ended | string, schema: z.ZodType<T>): T | string {
  if (typeof ended === 'string') return ended;
  const { by, code, signal, said, stdout } = ended;
  if (by !== 'itself' || code !== 0)
    return texts.ended({ by, how: signal ?? `exit code ${code}`, said: said.split('\n').at(-1)! });
  try {
    // Engines write their own lines before ours.
    return schema.parse(JSON.parse(stdout.trim().split('\n').at(-1)!));
  } catch (error) {
    return reasonOf(error).split('\n')[0]!;
  }
}
