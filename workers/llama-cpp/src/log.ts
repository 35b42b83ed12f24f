/** What llama.cpp said while it made its context. It has no other way to tell these. */
export interface Facts {
  /** As decided for the device, where `auto` was asked for. */
  flashAttention: boolean | null;
  keyType: string | null;
  valueType: string | null;
  /** Of all sequences, to the hundredth of a MiB. */
  kvCacheBytes: number | null;
  batchTokens: number | null;
  microBatchTokens: number | null;
  /** File of the backend chosen for this processor, such as `libggml-cpu-zen4.so`. */
  backends: string[];
  /** MiB by name, such as `CPU_Mapped`. */
  modelBuffers: Record<string, number>;
}

const MIB = 1024 ** 2;

/** llama.cpp's own log: shown on stderr, and remembered to be read. */
export class EngineLog {
  readonly #lines: { level: string; text: string }[] = [];

  write(level: string, message: string): void {
    for (const text of message.split('\n').filter((line) => line.trim() !== '')) {
      this.#lines.push({ level, text });
      process.stderr.write(`${level}: ${text}\n`);
    }
  }

  /** Different errors so far, in order. */
  get errors(): string[] {
    const errors = this.#lines.filter(({ level }) => level === 'error' || level === 'fatal');
    return [...new Set(errors.map(({ text }) => text.trim()))];
  }

  /** Those of the context made last; null where the log doesn't tell. */
  get facts(): Facts {
    const all = this.#lines.map(({ text }) => text);
    const context = all.slice(all.findLastIndex((text) => text.includes('constructing llama_context')));
    const caches = matches(context, /^llama_kv_cache.*: size = +([\d.]+) MiB .*K \((\w+)\):.*V \((\w+)\):/);
    const number = (pattern: RegExp) => nullOr(Number, matches(context, pattern)[0]?.[1]);
    return {
      flashAttention: flashAttention(context),
      keyType: caches[0]?.[2] ?? null,
      valueType: caches[0]?.[3] ?? null,
      kvCacheBytes:
        caches.length === 0 ? null : Math.round(caches.reduce((sum, [, mib]) => sum + Number(mib), 0) * MIB),
      batchTokens: number(/^llama_context: n_batch += (\d+)/),
      microBatchTokens: number(/^llama_context: n_ubatch += (\d+)/),
      backends: matches(all, /^load_backend: loaded .* from .*?([^/\\]+)$/).map(([, file]) => file!),
      modelBuffers: Object.fromEntries(
        matches(all, /^load_tensors: +(\S+) model buffer size = +([\d.]+) MiB/).map(([, name, mib]) => [
          name!,
          Number(mib),
        ]),
      ),
    };
  }
}

function flashAttention(lines: string[]): boolean | null {
  const asked = matches(lines, /^llama_context: flash_attn += (\w+)/)[0]?.[1];
  const decided = matches(lines, /Flash Attention (?:was auto, set to )?(enabled|disabled)/)[0]?.[1];
  const state = asked === 'auto' ? decided : asked;
  return nullOr((text) => text === 'enabled', state);
}

const matches = (lines: string[], pattern: RegExp): RegExpExecArray[] =>
  lines.map((line) => pattern.exec(line)).filter((found) => found !== null);

const nullOr = <T>(convert: (text: string) => T, text: string | undefined): T | null =>
  text === undefined ? null : convert(text);
