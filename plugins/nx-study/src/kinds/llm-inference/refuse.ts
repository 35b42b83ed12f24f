import { refusals } from './texts.ts';
import { requestsOf } from './served.ts';
import { contradictions } from './settings.ts';
import { askedTokens } from './tokens.ts';
import type { Iteration, OfflineWorkload, Payload, ServedWorkload, MeasuredWorkload } from './schema.ts';

export interface Refusal {
  path: (string | number)[];
  message: string;
}

/** Why a payload of the right shape is no result: it isn't what was asked for. The first reason of each workload. */
export function refusalsOf(payload: Payload): Refusal[] {
  const settings = contradictions(payload.settings).map(({ name, asked, effective }) => ({
    path: ['settings', 'effective', name],
    message: refusals.setting(name, asked, effective),
  }));
  const workloads = payload.workloads.flatMap((workload, index) => {
    const [first] = workloadRefusals(workload, `workload ${index}`);
    return first ? [{ path: ['workloads', index, ...first.path], message: first.message }] : [];
  });
  return [...settings, ...workloads];
}

const workloadRefusals = (workload: MeasuredWorkload, where: string): Iterable<Refusal> =>
  workload.mode === 'offline' ? offlineRefusals(workload, where) : servedRefusals(workload, where);

function* offlineRefusals(workload: OfflineWorkload, where: string): Iterable<Refusal> {
  for (const [index, iteration] of workload.generate.entries())
    for (const message of iterationProblems(iteration, workload, `${where}, iteration ${index}`))
      yield { path: ['generate', index], message };
  for (const [index, { prompt_tokens }] of workload.prefill.entries())
    for (const message of promptProblems(prompt_tokens, workload, `${where}, prefill ${index}`))
      yield { path: ['prefill', index], message };
}

function* iterationProblems(iteration: Iteration, workload: OfflineWorkload, where: string): Iterable<string> {
  const { new_tokens, token_times_s, prompt_tokens } = iteration;
  yield* promptProblems(prompt_tokens, workload, where);
  if (new_tokens.length !== workload.batch_size) yield refusals.batch(workload.batch_size, new_tokens.length, where);
  for (const [sequence, produced] of new_tokens.entries())
    if (produced !== workload.new_tokens)
      yield refusals.newTokens(workload.new_tokens, produced, `${where}, sequence ${sequence}`);
  if (token_times_s.length !== 1 && token_times_s.length !== workload.batch_size)
    yield refusals.stampLists(workload.batch_size, token_times_s.length, where);
  for (const [sequence, times] of token_times_s.entries()) {
    const at = `${where}, sequence ${sequence}`;
    if (times.length !== workload.new_tokens) yield refusals.stamps(workload.new_tokens, times.length, at);
    yield* timeProblems(times, at);
  }
}

function* promptProblems(
  prompts: readonly number[],
  { batch_size, prompt_tokens }: OfflineWorkload,
  where: string,
): Iterable<string> {
  if (prompts.length !== batch_size) yield refusals.batch(batch_size, prompts.length, where);
  for (const [sequence, read] of prompts.entries())
    if (read !== prompt_tokens) yield refusals.promptTokens(prompt_tokens, read, `${where}, sequence ${sequence}`);
}

/** Compares lengths by the server's own count only, for counts of the text depend on the tokenizer. */
function* servedRefusals(workload: ServedWorkload, where: string): Iterable<Refusal> {
  const { requests, token_count, length } = workload;
  const { successful, incomplete } = requestsOf(workload);
  const problems = incomplete.flatMap((request) => request.incomplete ?? []);
  const lengths = problems.filter(({ type }) => type === 'length');
  // The few requests with the right length are a selection, not the load that was asked for.
  if (lengths.length > successful.length)
    yield {
      path: ['requests'],
      message: refusals.lengths(lengths.length, requests.length, lengths[0]!.message, where),
    };
  if (successful.length === 0 && problems.length > 0)
    yield { path: ['requests'], message: refusals.noSuccess(requests.length, problems[0]!, where) };
  for (const [index, request] of requests.entries()) {
    const { chunk_times_s, end_s, done_s, error, finish_reason, usage, counted_by } = request;
    const asked = askedTokens(request, workload);
    const at = `${where}, request ${index}`;
    const times = [...chunk_times_s, end_s, done_s].filter((time) => typeof time === 'number');
    for (const message of timeProblems(times, at)) yield { path: ['requests', index], message };
    if (error !== null || end_s === null || request.incomplete !== null) continue;
    const endedEarly = finish_reason === 'stop' && (counted_by ?? token_count) === 'pinned-tokenizer';
    const produced = usage?.completion_tokens ?? (endedEarly ? request.new_tokens : null);
    const mayBeShorter = length === 'at-most' && produced !== null && produced < asked;
    if (produced !== null && produced !== asked && !mayBeShorter)
      yield { path: ['requests', index], message: refusals.newTokens(asked, produced, at) };
  }
}

function* timeProblems(times: readonly number[], where: string): Iterable<string> {
  for (let index = 1; index < times.length; index += 1)
    if (times[index]! < times[index - 1]!) yield refusals.backwards(times[index - 1]!, times[index]!, where);
}
