import { join } from 'node:path';
import type { Payload } from '../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import type { OfflineWorkload } from '../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { Events, Stop } from '../../../workers/kits/node/index.ts';
import type { JsonObject, Request } from '../../../workers/kits/node/index.ts';
import { measureInference } from '../../../workers/kits/node/inference/index.ts';
import type { Engine, EnergyPlaces } from '../../../workers/kits/node/inference/index.ts';
import { expect } from 'vitest';
import { problemsOf } from '../../helpers/schemas.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { quick, request, written } from './workers.ts';
import { payloadSchema } from '../../../plugins/nx-study/src/kinds/llm-inference/payload.ts';

/** An engine that answers at once; every prompt that it ever saw is in `prompts`, every call in `calls`. */
export function remembering(changes: Partial<Engine> = {}) {
  const calls: string[] = [];
  const seen: number[][] = [];
  const engine: Engine = {
    name: 'remembering',
    prefillMethod: 'forward',
    modelFiles: [],
    async importModules() {
      calls.push('import');
    },
    async readModel() {
      calls.push('read');
    },
    async makeContext(workloads) {
      calls.push(`context for ${workloads.length}`);
      return null;
    },
    describeModel: () => ({ format: 'config', weights: 'random' }),
    allowedIds: () => Array.from({ length: 100 }, (_, index) => 100 + index),
    encode: (text) => text.split(' ').flatMap((word) => (word === '' ? [] : Number(word))),
    // 2 begins what a user says, 3 an answer.
    chatText: (messages) =>
      `${messages.map(({ role, content }) => `${role === 'user' ? 2 : 3} ${content}`).join(' ')} 3`,
    async reset() {
      calls.push('reset');
    },
    async generate(prompts, newTokens) {
      calls.push(`generate ${prompts.length}x${prompts[0]!.length}+${newTokens}`);
      seen.push(...prompts);
      const start = performance.now();
      const times_s = Array.from({ length: newTokens }, () => (performance.now() - start) / 1000);
      return { tokenTimes_s: [times_s], newTokens: prompts.map(() => times_s.length) };
    },
    async prefill(prompts) {
      calls.push(`prefill ${prompts.length}x${prompts[0]!.length}`);
      seen.push(...prompts);
      return 0.25;
    },
    async close() {
      calls.push('close');
    },
    ...changes,
  };
  return { engine, calls, prompts: seen };
}

export { sharedFolder, temporaryFolder as makeFolder } from '../machine/helpers.ts';

/** Measures in this process. */
export async function measured(
  engine: Engine,
  configuration: object = {},
  { places = {}, ...changes }: { places?: EnergyPlaces; seed?: number; assets?: object } = {},
) {
  const directory = temporaryFolder();
  const events = new Events(join(directory, 'events.jsonl'));
  const asked = request({ configuration: quick(configuration), cache_dir: directory, ...changes });
  const task = { directory, request: asked as unknown as Request, events, stop: new Stop(), closing: [] };
  const { payload } = await measureInference(task, engine, places).finally(() => events.close());
  const parsed: Payload = payloadSchema.parse(payload);
  expect(problemsOf('llm-inference.payload', payload)).toEqual([]);
  const workloads = parsed.workloads as OfflineWorkload[];
  return { payload: parsed, raw: payload as JsonObject, workloads, closing: task.closing, ...written(directory) };
}
