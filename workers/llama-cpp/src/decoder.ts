import { WorkerError } from '../../kits/node/index.ts';
import type { AddonContext, AddonSampler, Llama, LlamaContext, LlamaModel, Token } from './binding.ts';

/**
 * Decodes straight through the binding's native part. Its own `evaluate` goes through locks, timers and a scheduler of
 * batches for each token and sequence: here there is one caller, and what makes a batch is known.
 */
export class Decoder {
  readonly #context: AddonContext;
  readonly #batchTokens: number;
  readonly #samplers: AddonSampler[];
  /** Tokens that each sequence holds. */
  #lengths: number[] = [];

  constructor(llama: Llama, model: LlamaModel, context: LlamaContext) {
    const { _bindings: addon } = llama;
    const { _model: native } = model;
    ({ _ctx: this.#context } = context);
    this.#batchTokens = context.batchSize;
    this.#samplers = Array.from({ length: context.totalSequences }, () => new addon.AddonSampler(native));
    for (const sampler of this.#samplers) sampler.applyConfig({ temperature: 0 });
  }

  /** Forgets all sequences. */
  reset(): void {
    for (const sequence of this.#samplers.keys()) this.#context.disposeSequence(sequence);
    this.#lengths = [];
  }

  /** Reads a prompt into each sequence, the logits of its last token included, as llama-bench does. */
  async read(prompts: Token[][]): Promise<void> {
    await this.#readThen(prompts, () => Promise.resolve());
  }

  /** Reads a prompt into each sequence; the most likely next tokens. */
  async start(prompts: Token[][]): Promise<Token[]> {
    const tokens: Token[] = [];
    await this.#readThen(prompts, async (sequence, logits) => {
      tokens[sequence] = await this.#sample(sequence, logits);
    });
    return tokens;
  }

  /** Adds a token to each sequence; the most likely next ones. */
  async step(tokens: Token[]): Promise<Token[]> {
    this.#context.initBatch(tokens.length);
    const logits = tokens.map((token, sequence) => this.#add(sequence, [token], true));
    await this.#context.decodeBatch();
    return Promise.all(logits.map((index, sequence) => this.#sample(sequence, index!)));
  }

  /** `whole` is called for each sequence whose prompt is read, before the next batch overwrites its logits. */
  async #readThen(prompts: Token[][], whole: (sequence: number, logits: number) => Promise<void>): Promise<void> {
    const lengths = prompts.map(({ length }) => length);
    for (const pieces of batchesOf(lengths, this.#batchTokens)) {
      this.#context.initBatch(pieces.reduce((sum, { from, to }) => sum + to - from, 0));
      const read: { sequence: number; logits: number }[] = [];
      for (const { sequence, from, to } of pieces) {
        const logits = this.#add(sequence, prompts[sequence]!.slice(from, to), to === lengths[sequence]);
        if (logits !== null) read.push({ sequence, logits });
      }
      await this.#context.decodeBatch();
      await Promise.all(read.map(({ sequence, logits }) => whole(sequence, logits)));
    }
  }

  /** Puts tokens at the end of a sequence into the batch; where the last one's logits will be, if they are wanted. */
  #add(sequence: number, tokens: Token[], wanted: boolean): number | null {
    const from = this.#lengths[sequence] ?? 0;
    this.#lengths[sequence] = from + tokens.length;
    const last = Uint32Array.from(wanted ? [tokens.length - 1] : []);
    return this.#context.addToBatch(sequence, from, Uint32Array.from(tokens), last)[0] ?? null;
  }

  async #sample(sequence: number, logits: number): Promise<Token> {
    const token = await this.#context.sampleToken(logits, this.#samplers[sequence]!);
    if (token < 0) throw new WorkerError(`llama.cpp found no next token for sequence ${sequence}`);
    return token;
  }

  dispose(): void {
    for (const sampler of this.#samplers) sampler.dispose();
  }
}

interface Piece {
  sequence: number;
  from: number;
  to: number;
}

/** Cuts prompts into batches of at most `size` tokens, one prompt after another. */
export function batchesOf(lengths: number[], size: number): Piece[][] {
  const batches: Piece[][] = [];
  let room = 0;
  for (const [sequence, length] of lengths.entries())
    for (let from = 0; from < length;) {
      if (room === 0) {
        batches.push([]);
        room = size;
      }
      const to = Math.min(length, from + room);
      batches.at(-1)!.push({ sequence, from, to });
      room -= to - from;
      from = to;
    }
  return batches;
}
