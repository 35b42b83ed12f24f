import { setTimeout } from 'node:timers/promises';
import { OutOfMemory, Unsupported, WorkerError } from '../../kits/node/index.ts';
import type { Binding, Gpu, Llama, LlamaContext, LlamaModel } from './binding.ts';
import type { EngineLog } from './log.ts';

/** Takes a ready binary or none: compiling and downloading have no place in a measurement. */
export async function startLlama(binding: Binding, gpu: Gpu, threads: number, log: EngineLog): Promise<Llama> {
  try {
    return await binding.getLlama({
      gpu,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      maxThreads: threads,
      logLevel: 'log',
      logger: (level, message) => log.write(level, message),
    });
  } catch (cause) {
    if (!(cause instanceof binding.NoBinaryFoundError)) throw cause;
    throw new Unsupported(
      `device: node-llama-cpp has no binary of llama.cpp for ${gpu || 'cpu'} that runs on this machine ` +
        `(${process.platform}-${process.arch}); drivers may be missing or too old: choose another device`,
      { cause },
    );
  }
}

export async function loadModel(
  llama: Llama,
  options: Parameters<Llama['loadModel']>[0],
  binding: Binding,
  log: EngineLog,
): Promise<LlamaModel> {
  try {
    return await llama.loadModel(options);
  } catch (cause) {
    await logged();
    const message = `model: llama.cpp can't load ${options.modelPath}: ${reason(cause, log)}`;
    if (isMemory(cause, binding, log)) throw new OutOfMemory(message, { cause });
    // What is wrong with a file is wrong again the next time.
    throw new Unsupported(message, { cause });
  }
}

export async function makeContext(
  model: LlamaModel,
  options: Parameters<LlamaModel['createContext']>[0],
  binding: Binding,
  log: EngineLog,
): Promise<LlamaContext> {
  try {
    return await model.createContext(options);
  } catch (cause) {
    await logged();
    const message = `llama.cpp can't make this context: ${reason(cause, log)}`;
    if (isMemory(cause, binding, log)) throw new OutOfMemory(message, { cause });
    const refused = log.errors.some((line) => line.startsWith('llama_init_from_model: '));
    throw refused ? new Unsupported(message, { cause }) : new WorkerError(message, { cause });
  }
}

// llama.cpp's own lines come from another thread, later than the error that they explain.
const logged = () => setTimeout(LOG_DELAY_MS);
const LOG_DELAY_MS = 200;

const memory = /failed to allocate|out of memory|unable to allocate|cannot allocate/i;

const isMemory = (cause: unknown, { InsufficientMemoryError }: Binding, log: EngineLog): boolean =>
  cause instanceof InsufficientMemoryError || log.errors.some((line) => memory.test(line));

function reason(cause: unknown, { errors }: EngineLog): string {
  if (errors.length > 0) return errors.join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}
