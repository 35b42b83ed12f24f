import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../base/json.ts';
import type { Fact } from '../kind.ts';
import { countedDomains } from './energy.ts';
import { lengthFacts, lengthName } from './lengths.ts';
import { skippedAfter } from './places.ts';
import type { Energy, Payload, ServedWorkload, MeasuredWorkload } from './schema.ts';
import { requestsOf, typesOf } from './served.ts';
import { SERVER, SERVER_TOLD } from './servers.ts';
import type { Trend } from './trend.ts';

/** Of each workload; those of the same shape are numbered: `4×512+64`, `4×512+64 (2)`. */
export function workloadNames(workloads: readonly MeasuredWorkload[]): string[] {
  const counts = new Map<string, number>();
  return workloads.map((workload) => {
    const name = nameOf(workload);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

// Sequences × prompt tokens + new tokens; for a server the load comes first.
function nameOf(workload: MeasuredWorkload): string {
  const prompts = lengthName(workload, 'prompt_tokens');
  if (workload.mode !== 'offline' && workload.embeddings !== undefined)
    return `${loadName(workload)}: ${workload.embeddings.inputs}×${prompts} embedded`;
  const length = `${prompts}+${lengthName(workload, 'new_tokens')}`;
  if (workload.mode === 'offline') return `${workload.batch_size}×${length}`;
  const turns = workload.turns === undefined ? '' : `, ${workload.turns.count} turns`;
  return `${loadName(workload)}: ${length}${turns}`;
}

/** `closed 4`, `open 20/s, cv 0`, `replay day.jsonl ×2`. */
function loadName({ mode, concurrency, rate_per_s, load }: ServedWorkload): string {
  const most = load && load.mode !== 'closed' && load.max_in_flight !== null ? `, at most ${load.max_in_flight}` : '';
  if (load?.mode === 'replay') return `replay ${load.file}${load.speed === 1 ? '' : ` ×${load.speed}`}${most}`;
  if (load?.mode === 'open')
    return `open ${rate_per_s}/s${load.arrival_cv === 1 ? '' : `, cv ${load.arrival_cv}`}${most}`;
  const think = load?.mode === 'closed' && load.think_s > 0 ? `, think ${load.think_s} s` : '';
  return mode === 'closed-loop' ? `closed ${concurrency}${think}` : `open ${rate_per_s}/s`;
}

/** Facts about a workload: what was measured, with which engine and settings, and how far to trust it. */
export function factsOf(
  { engine, model, load, settings, workloads, skipped }: Payload,
  index: number,
  trend: Trend,
): Fact[] {
  const workload = workloads[index]!;
  const offline = workload.mode === 'offline' ? workload : null;
  const served = workload.mode === 'offline' ? null : workload;
  const { errored = [], incomplete = [] } = served ? requestsOf(served) : {};
  return [
    fact('workload', workloadNames(workloads)[index]!),
    fact('mode', workload.mode),
    fact('batch_size', offline?.batch_size ?? null),
    fact('prompt_tokens', workload.prompt_tokens),
    fact('new_tokens', workload.new_tokens),
    ...lengthFacts(workload),
    fact('concurrency', served?.concurrency ?? null),
    fact('rate_per_s', served?.rate_per_s ?? null),
    ...loadFacts(served?.load),
    fact('skipped', skippedAfter({ workloads, skipped }, index) || null),
    fact('skipped_per_s', served === null ? null : skippedLoads(served, skipped)),
    fact('workload_order', workload.order),
    fact('workloads_in_process', workloads.length),
    { ...fact('steady', trend.shape), label: 'steady', main: true },
    { ...fact('warmup_converged', workload.warmup.converged ?? 'not judged'), label: 'warmed up', main: true },
    fact('stopped_by', workload.stopped_by),
    fact('engine', engine.name),
    fact('engine_version', engine.version),
    fact('engine_through', engine.through),
    fact(SERVER, engine.told ? serverOf(engine.build, settings.asked['model']) : null),
    fact(SERVER_TOLD, engine.told ? JSON.stringify(engine.told) : null),
    fact('model', model.weights === 'random' ? `${model.name} (synthetic)` : model.name),
    fact('model_sha256', model.sha256),
    fact('model_format', model.format),
    fact('model_weights', model.weights),
    fact('model_parameters', model.parameters),
    fact('weights_format', model.weights_format),
    fact('storage_dtype', model.storage_dtype ?? null),
    fact('cold', load.cold),
    fact('page_cache', load.page_cache),
    fact('compile_cache', load.compile_cache),
    fact('prefill_method', offline?.prefill_method ?? null),
    fact('client_threads', served?.client?.threads ?? null),
    fact('token_count', (served && waysOf(served.token_count)) || null),
    fact('length', served?.embeddings ? null : (served?.length ?? null)),
    fact('inputs_per_request', served?.embeddings?.inputs ?? null),
    fact('embedding_dimension', served === null ? null : dimensionsOf(served)),
    fact('request_errors', typesOf(errored.map(({ error }) => error)) || null),
    fact('request_incomplete', typesOf(incomplete.map((one) => one.incomplete)) || null),
    ...energyFacts(workload.energy),
    ...Object.entries(settings.effective).map(([name, value]) => fact(`effective.${name}`, textOf(value))),
  ];
}

/** What defines a load beside its number; null of what it has not, and of older workers. */
const loadFacts = (load: ServedWorkload['load']): Fact[] => [
  fact('load_mode', load?.mode ?? null),
  fact('arrival_cv', load?.mode === 'open' ? load.arrival_cv : null),
  fact('think_s', load?.mode === 'closed' ? load.think_s : null),
  fact('max_in_flight', load && load.mode !== 'closed' ? load.max_in_flight : null),
  fact('trace', load?.mode === 'replay' ? load.file : null),
];

/** `16, 32`: rates that were left out because the server was overloaded by a lower one, and are of the same ladder as this load. */
function skippedLoads(served: ServedWorkload, skipped: Payload['skipped']): string | null {
  const ladder = ladderOf(served);
  const alike = skipped.filter((one) => isDeepStrictEqual(ladderOf(one), ladder));
  const rates = alike.flatMap(({ rate_per_s }) => rate_per_s ?? []);
  return rates.length === 0 ? null : rates.toSorted((one, other) => one - other).join(', ');
}

type Rung = Pick<Payload['skipped'][number], 'load' | 'prompt_tokens' | 'new_tokens' | 'asked_lengths'>;

/** What loads of one ladder have in common: all but the number, and how it is reached. */
function ladderOf({ load, prompt_tokens, new_tokens, asked_lengths }: Rung) {
  const kind = load?.mode === 'open' ? { arrival_cv: load.arrival_cv, max_in_flight: load.max_in_flight } : load;
  return { kind, prompt_tokens, new_tokens, asked_lengths };
}

/** Where a server was asked for which model; of one that the worker started, by which command. */
const serverOf = ({ origin, path, command }: Payload['engine']['build'], model: Json | undefined): string =>
  [...(Array.isArray(command) ? command : [`${textOf(origin ?? '')}${textOf(path ?? '')}`]), model ?? '']
    .map(textOf)
    .join(' ');

/** `768`; several where responses differ. */
function dimensionsOf({ requests }: ServedWorkload): Fact['value'] {
  const found = [...new Set(requests.flatMap(({ embeddings }) => embeddings?.dimension ?? []))];
  return found.length > 1 ? found.join(', ') : (found[0] ?? null);
}

/** `server-usage 19, none 1`; older workers counted all requests in one way. */
const waysOf = (count: ServedWorkload['token_count']): string =>
  typeof count === 'string'
    ? count
    : Object.entries(count)
        .map(([way, requests]) => `${way} ${requests}`)
        .join(', ');

const fact = (name: string, value: Fact['value']): Fact => ({ name, label: name, value, main: false });

function energyFacts(energy: Energy): Fact[] {
  if (energy.status === 'unavailable') return [fact('energy_status', energy.status)];
  const counted = countedDomains(energy);
  const listed = (texts: string[]) => [...new Set(texts)].join(', ') || null;
  return [
    fact('energy_status', energy.status),
    fact('energy_source', listed(counted.map(({ source }) => source))),
    fact('energy_domains', listed(counted.map(({ name }) => name))),
    fact('energy_scope', listed(counted.map(({ scope }) => scope))),
    fact('energy_idle_method', energy.idle.method),
  ];
}

const textOf = (value: Json): Fact['value'] =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
