import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../entry.ts';
import { residentBytes } from '../resident.ts';
import type { EnergyPlaces } from './sources.ts';
import type { Engine } from './engine.ts';
import { MemoryPass, NO_PROC } from './memory.ts';
import { preparePages } from './pages.ts';
import { clock_s, round } from './time.ts';
import type { Workload } from './workloads.ts';

/** From nothing to a model that can generate, each part timed: the payload's `load` but for the first call. */
export async function loadEngine(task: Run, engine: Engine, workloads: Workload[], places: EnergyPlaces) {
  const compile_cache = compileCacheState(engine.compileCache);
  task.events.phase('importing');
  const [import_s] = await timed(async () => engine.importModules?.());
  const memoryPass = new MemoryPass(engine, places);
  const start = task.request.configuration.start === 'cold' ? 'cold' : 'warm';
  const { cold, page_cache, reason } = await preparePages(start, engine.modelFiles);
  task.events.phase('loading');
  const [read_s] = await timed(() => engine.readModel());
  const [context_s, noContext] = await timed(async () =>
    engine.makeContext ? engine.makeContext(workloads) : `${engine.name} makes its context while it reads the model`,
  );
  const rss_peak_bytes = residentBytes('VmHWM');
  return {
    memoryPass,
    load: {
      cold,
      page_cache,
      compile_cache,
      import_s: round(import_s),
      read_s: round(read_s),
      context_s: noContext === null ? round(context_s) : null,
      rss_peak_bytes,
    },
    reasons: onlyReasons({
      'load.cold': reason,
      'load.context_s': noContext,
      'load.rss_peak_bytes': rss_peak_bytes === null ? NO_PROC : null,
    }),
  };
}

const onlyReasons = (all: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).flatMap(([path, reason]) => (reason === null ? [] : [[path, reason]])));

async function timed<T>(action: () => Promise<T>): Promise<[elapsed_s: number, value: T]> {
  const start_s = clock_s();
  const value = await action();
  return [clock_s() - start_s, value];
}

function compileCacheState(folder: string | undefined): 'none' | 'empty' | 'kept' {
  if (folder === undefined) return 'none';
  if (!existsSync(folder)) return 'empty';
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.some((entry) => statSync(join(folder, entry)).isFile()) ? 'kept' : 'empty';
}
