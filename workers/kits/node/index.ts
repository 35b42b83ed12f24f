/** What a worker in TypeScript needs to speak the worker protocol; Node's own modules only. */
export { run } from './entry.ts';
export type { Measure, Run } from './entry.ts';
export { OutOfMemory, Unavailable, Unsupported, WorkerError } from './errors.ts';
export { Events } from './events.ts';
export { rssPeakBytes } from './memory.ts';
export { InputProblem, problemsOf } from './problem.ts';
export type { InputPlace } from './problem.ts';
export { readRequest } from './request.ts';
export type { Asset, JsonObject, JsonValue, Request } from './request.ts';
export { writeJson } from './result.ts';
export type { Outcome } from './result.ts';
export { Stop } from './stop.ts';
