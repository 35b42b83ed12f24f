/** Measures an LLM engine by the rules of the kind `llm-inference`; Node's own modules only. */
export { measureInference } from './measure.ts';
export type { Engine, EnginePeak, Generated, ModelDescription } from './engine.ts';
export { compileCacheFolder } from './folders.ts';
export { warmupVerdict, stoppedBy } from './decisions.ts';
export type { MeasureRules, WarmupRules, WarmupVerdict } from './decisions.ts';
export { findSources, idleEnergy, unavailable } from './energy.ts';
export type { Energy, EnergyPlaces, Idle, Sources } from './energy.ts';
export { promptIds, promptsOfFile, randomPrompts } from './prompts.ts';
export type { Pass, Prompts } from './prompts.ts';
export { workloadOrder, workloadsOf } from './workloads.ts';
export type { Workload } from './workloads.ts';
