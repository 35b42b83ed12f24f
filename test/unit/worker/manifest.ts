import { manifestSchema } from '../../../plugins/nx-study/src/worker/manifest.ts';
import type { Worker } from '../../../plugins/nx-study/src/worker/manifest.ts';

/** A worker with the least that a manifest needs, and what is given. */
export function aWorker(change: object = {}): Worker {
  const manifest = manifestSchema.parse({
    protocol: 1,
    kind: 'llm-inference',
    description: 'A worker in a test',
    commands: { measure: ['true'] },
    environment: { type: 'system' },
    config: 'config.schema.json',
    measuring: ['measure.sh'],
    ...change,
  });
  return { name: 'w', root: 'workers/w', manifest, configSchema: {} };
}
