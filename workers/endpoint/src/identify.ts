import { ask, modelsPathOf } from './ask.ts';
import type { Access } from './ask.ts';
import { maskOf } from './mask.ts';
import { flatten } from './told.ts';
import type { Told } from './told.ts';
import type { MetricsPage, NoPage } from './watch/page.ts';

/** What the server says about itself; null where it says nothing. */
export interface Identity {
  /** Such as `vllm`, `sglang`, `llamacpp`: the owner of the model in the list of models. */
  name: string | null;
  version: string | null;
  /** All that tells it from another one, as `source key`: version, the model's entry, flags. Empty when it says nothing. */
  told: Told;
}

type Answer = Record<string, unknown>;

interface Source {
  /** Relative to where the API's own path begins. */
  path: string;
  /** The key of its version. */
  version: string | null;
  /** What of its answer belongs to its identity. */
  pick(answer: Answer, model: string): unknown;
}

const whole = (answer: Answer) => answer;
const only =
  (...keys: string[]) =>
  (answer: Answer) =>
    Object.fromEntries(keys.filter((key) => key in answer).map((key) => [key, answer[key]]));

const SOURCES: readonly Source[] = [
  { path: 'version', version: 'version', pick: only('version') }, // vLLM, TensorRT-LLM
  { path: 'props', version: 'build_info', pick: llamaProps }, // llama-server
  { path: 'server_info', version: 'version', pick: whole }, // SGLang; vLLM in development mode
  { path: 'get_server_info', version: 'version', pick: whole }, // SGLang before it was renamed
  { path: 'info', version: 'version', pick: whole }, // TGI
  { path: 'api/version', version: 'version', pick: only('version') }, // Ollama
  { path: 'api/tags', version: null, pick: ollamaModel },
];

/**
 * Asks the server what it is; `page`: its metrics, of which some are settings. Never rejects: nobody has to answer. Secrets are in
 * nothing that it tells.
 */
export async function identify(
  { url, model, page }: { url: URL; model: string; page: MetricsPage | NoPage },
  access: Access,
): Promise<Identity> {
  const mask = maskOf(access.secrets);
  const [models, ...answers] = await Promise.all([
    askObject(modelsPathOf(url), url, access),
    ...SOURCES.map(({ path }) => askObject(path, url, access)),
  ]);
  const { entry, owner } = modelIn(models, model);
  const versions = SOURCES.map(({ version }, index) => (version === null ? null : answers[index]![version]));
  const version = versions.find((value) => typeof value === 'string');
  const told = [
    ['models', entry] as const,
    ...SOURCES.map(({ path, pick }, index) => [path, pick(answers[index]!, model)] as const),
    ['metrics', 'info' in page ? page.info : null] as const,
  ];
  return {
    name: typeof owner === 'string' ? mask(owner) : null,
    version: typeof version === 'string' ? mask(version) : null,
    told: Object.assign({}, ...told.map(([source, answer]) => flatten(source, answer, mask))) as Told,
  };
}

/** An object that the server answers with; empty for anything else. */
async function askObject(path: string, url: URL, { headers }: Access): Promise<Answer> {
  try {
    const answer: unknown = JSON.parse((await ask(path, url, headers)) ?? '{}');
    return typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? (answer as Answer) : {};
  } catch {
    return {};
  }
}

/** Which model, where there is a choice, and who owns it. */
function modelIn({ data }: Answer, model: string): { entry: unknown; owner: unknown } {
  if (!Array.isArray(data)) return { entry: null, owner: null };
  const entries = data as ({ id?: unknown; owned_by?: unknown } | null)[];
  const own = entries.find((entry) => entry?.id === model) ?? null;
  return { entry: own ?? (entries.length === 1 ? entries[0] : null), owner: (own ?? entries[0])?.owned_by };
}

// The rest is the state of its slots, a prompt among it.
function llamaProps(answer: Answer): unknown {
  const { default_generation_settings: defaults, ...rest } = answer;
  const { n_ctx } = (defaults ?? {}) as Answer;
  const known = only(
    'build_info',
    'model_path',
    'model_alias',
    'model_ftype',
    'total_slots',
    'modalities',
    'chat_template',
  );
  return { ...known(rest), ...(n_ctx !== undefined && { n_ctx }) };
}

function ollamaModel({ models }: Answer, model: string): unknown {
  if (!Array.isArray(models)) return null;
  const names = new Set([model, `${model}:latest`]);
  const own = (models as (Answer | null)[]).find((entry) => names.has(String(entry?.['name'])));
  return own ? only('name', 'digest', 'details')(own) : null;
}
