import { OutOfMemory, Unsupported, WorkerError } from '../../kits/node/index.ts';
import type { Binding, Gpu } from './binding.ts';

const memory = /failed to allocate|out of memory|unable to allocate|cannot allocate/i;

/** Why loading the model failed. What the engine says about a file won't change by trying again. */
export function loadingError(
  cause: unknown,
  path: string,
  said: string[],
  { InsufficientMemoryError }: Binding,
): Error {
  if (cause instanceof InsufficientMemoryError || said.some((line) => memory.test(line)))
    return new OutOfMemory(`no memory to load ${path}: ${reason(cause, said)}`, { cause });
  return new Unsupported(`model: llama.cpp can't load ${path}: ${reason(cause, said)}`, { cause });
}

/** Why making the context failed. Without a word of the engine's the reason is unknown. */
export function contextError(cause: unknown, said: string[], { InsufficientMemoryError }: Binding): Error {
  const message = `llama.cpp can't make this context: ${reason(cause, said)}`;
  if (cause instanceof InsufficientMemoryError || said.some((line) => memory.test(line)))
    return new OutOfMemory(message, { cause });
  const refused = said.some((line) => line.startsWith('llama_init_from_model: '));
  return refused ? new Unsupported(message, { cause }) : new WorkerError(message, { cause });
}

/** Why there is no engine for the device. */
export function engineError(cause: unknown, gpu: Gpu, { NoBinaryFoundError }: Binding): Error {
  if (!(cause instanceof NoBinaryFoundError)) return cause instanceof Error ? cause : new WorkerError(String(cause));
  const device = gpu || 'cpu';
  return new Unsupported(
    `device: node-llama-cpp has no binary of llama.cpp for ${device} that runs on this machine ` +
      `(${process.platform}-${process.arch}); drivers may be missing or too old: choose another device`,
    { cause },
  );
}

const reason = (cause: unknown, said: string[]): string =>
  said.length > 0 ? said.join('; ') : cause instanceof Error ? cause.message : String(cause);
