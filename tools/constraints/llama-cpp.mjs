// Asks llama.cpp to do what requests ask for, without measuring it; see engine.py. To be run where TypeScript can be.
// Usage: node llama-cpp.mjs llama-cpp QUESTIONS ANSWERS
import { readFileSync, writeFileSync } from 'node:fs';
import { workloadsOf } from '../../workers/kits/node/inference/index.ts';
import { importBinding } from '../../workers/llama-cpp/src/binding.ts';
import { Decoder } from '../../workers/llama-cpp/src/decoder.ts';
import { LlamaCpp } from '../../workers/llama-cpp/src/engine.ts';
import { ggufFiles } from '../../workers/llama-cpp/src/files.ts';
import { loadModel, makeContext, startLlama } from '../../workers/llama-cpp/src/loading.ts';
import { EngineLog } from '../../workers/llama-cpp/src/log.ts';
import { BATCH_TOKENS } from '../../workers/llama-cpp/src/settings.ts';

const [, , , questions, answers] = process.argv;
const binding = await importBinding();
const version = await binding.getModuleVersion();
const told = [];
for (const { request, by_worker } of JSON.parse(readFileSync(questions, 'utf8')))
  told.push(await (by_worker ? throughWorker : direct)(request).catch((error) => ({ refused: error.message })));
writeFileSync(answers, JSON.stringify(told));

/** As the worker's own command does it. */
async function throughWorker(request) {
  const engine = new LlamaCpp({ request, events: { warning: () => undefined } });
  try {
    await engine.importModules();
    await engine.readModel();
    await engine.makeContext();
    for (const { batchSize, promptTokens, newTokens } of workloadsOf(request.configuration)) {
      await engine.reset();
      await engine.generate(Array(batchSize).fill(Array(promptTokens).fill(1)), newTokens);
    }
    return { refused: null, done: { ...engine.effective(), version } };
  } finally {
    await engine.close();
  }
}

/** With the settings as they are written, given to the engine without a check of the worker. */
async function direct({ configuration }) {
  const { model, device, threads, gpu_layers, mmap, context_size, flash_attention, kv_cache_key, kv_cache_value } =
    configuration;
  const [{ batchSize, promptTokens, newTokens }] = workloadsOf(configuration);
  const log = new EngineLog();
  const llama = await startLlama(binding, device === 'auto' || device === 'cpu' ? false : device, threads, log);
  try {
    const loaded = { modelPath: ggufFiles(model)[0], gpuLayers: gpu_layers ?? 0, useMmap: mmap };
    const weights = await loadModel(llama, loaded, binding, log);
    const options = {
      sequences: batchSize,
      contextSize: context_size ?? promptTokens + newTokens,
      batchSize: BATCH_TOKENS,
      threads: { ideal: threads, min: threads },
      flashAttention: flash_attention,
      experimentalKvCacheKeyType: kv_cache_key.toUpperCase(),
      experimentalKvCacheValueType: kv_cache_value.toUpperCase(),
      failedCreationRemedy: false,
    };
    const context = await makeContext(weights, options, binding, log);
    const decoder = new Decoder(llama, weights, context);
    let tokens = await decoder.start(Array(batchSize).fill(Array(promptTokens).fill(1)));
    for (let step = 1; step < newTokens; step += 1) tokens = await decoder.step(tokens);
    decoder.dispose();
    const done = { device: llama.gpu || 'cpu', gpu_layers: weights.gpuLayers, context_size: context.contextSize };
    return { refused: null, done: { ...done, version } };
  } finally {
    await llama.dispose();
  }
}
