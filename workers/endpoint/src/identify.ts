/** What the server says about itself; null where it says nothing. */
export interface Identity {
  /** Such as `vllm`, `sglang`, `llamacpp`: the owner of the model in the list of models. */
  name: string | null;
  version: string | null;
}

/** Where servers tell their version, relative to the base URL's origin, and under which key. */
const VERSIONS = [
  ['/version', 'version'], // vLLM, TensorRT-LLM
  ['/props', 'build_info'], // llama-server
  ['/get_server_info', 'version'], // SGLang
  ['/info', 'version'], // TGI
  ['/api/version', 'version'], // Ollama
] as const;

const PATIENCE_MS = 5000;

/** Asks the server what it is. Never rejects: nobody has to answer. */
export async function identify(url: URL, model: string, headers: Record<string, string>): Promise<Identity> {
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.ok ? ((await response.json()) as Record<string, unknown>) : {};
  };
  const quietly = (path: string) => ask(path).catch((): Record<string, unknown> => ({}));
  const models = url.pathname.replace(/(chat\/)?completions$/, 'models');
  const { data } = (await quietly(models)) as { data?: { id?: unknown; owned_by?: unknown }[] };
  const owner = (data?.find(({ id }) => id === model) ?? data?.[0])?.owned_by;
  let version: unknown;
  for (const [path, key] of VERSIONS) {
    version = (await quietly(path))[key];
    if (typeof version === 'string') break;
  }
  return { name: typeof owner === 'string' ? owner : null, version: typeof version === 'string' ? version : null };
}
