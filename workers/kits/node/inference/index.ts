/** Measures an LLM engine by the rules of the kind `llm-inference`; Node's own modules only. */
export { measureInference } from './measure.ts';
export type { Engine, EnginePeak, Generated, ModelDescription } from './engine.ts';
export { compileCacheFolder } from './folders.ts';
export { warmupVerdict, stoppedBy } from './decisions.ts';
export type { MeasureRules, WarmupRules, WarmupVerdict } from './decisions.ts';
export type { EnergyPlaces } from './sources.ts';
export { promptIds } from './prompts.ts';
export type { Pass, PromptKey } from './prompts.ts';
export { workloadOrder, workloadsOf } from './workloads.ts';
export type { Workload } from './workloads.ts';
