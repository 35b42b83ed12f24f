/** The files of a finished measurement that Nx caches; other side files (draws) stay on the machine that made them. */
export const cachedFiles = [
  'record.json',
  'result.json',
  'derived.json',
  'request.json',
  'events.jsonl',
  'worker.log',
  'telemetry.jsonl',
  'files',
] as const;

/** Whether a side file stays out of Nx's cache. */
export const isLocal = (path: string) => path !== 'result.json' && !path.startsWith('files/');
