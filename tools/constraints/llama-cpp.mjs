// Asks llama.cpp to do what requests ask for, without measuring it; see engine.py. To be run where TypeScript can be.
// Usage: node llama-cpp.mjs llama-cpp QUESTIONS ANSWERS
import { readFileSync, writeFileSync } from 'node:fs';
import { workloadsOf } from '../../workers/kits/node/inference/index.ts';
import { LlamaCpp } from '../../workers/llama-cpp/src/engine.ts';

const [, , , questions, answers] = process.argv;
const told = [];
for (const question of JSON.parse(readFileSync(questions, 'utf8'))) told.push(await refusal(question));
writeFileSync(answers, JSON.stringify(told));

async function refusal({ request, by_engine, neighbour }) {
  let engine;
  try {
    engine = engineFor(request, by_engine ? neighbour : null);
    await engine.importModules();
    await engine.readModel();
    await engine.makeContext();
    for (const { batchSize, promptTokens, newTokens } of workloadsOf(request.configuration)) {
      await engine.reset();
      await engine.generate(Array(batchSize).fill(Array(promptTokens).fill(1)), newTokens);
    }
    return null;
  } catch (error) {
    return String(error.message ?? error);
  } finally {
    await engine?.close();
  }
}

/** One whose worker refuses nothing that is llama.cpp's to refuse: it is made with other settings then, and has its own afterwards. */
function engineFor(request, checked) {
  const make = (configuration) =>
    new LlamaCpp({ request: { ...request, configuration }, events: { warning: () => undefined } });
  try {
    return make(request.configuration);
  } catch (error) {
    if (checked === null) throw error;
    const configuration = { ...request.configuration, ...checked };
    const engine = make(configuration);
    Object.assign(configuration, request.configuration);
    return engine;
  }
}
