import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Message } from '../../kits/node/dataset/index.ts';
import { Unsupported } from '../../kits/node/index.ts';
import type { LlamaModel } from './binding.ts';

/**
 * Messages as the model's chat template writes them, up to where its answer begins. `modules` is the node_modules folder of the
 * environment.
 *
 * @throws Unsupported for a model without a template, and for messages that it refuses.
 */
export function chatTextOf(
  { fileInfo, tokens }: Pick<LlamaModel, 'fileInfo' | 'tokens'>,
  messages: readonly Message[],
  modules: string,
): string {
  const template = fileInfo.metadata.tokenizer?.chat_template;
  if (template === undefined)
    throw new Unsupported(
      'the model has no chat template to write conversations with: take a model with one, or set `form: prompt`',
    );
  const { Template } = jinjaOf(modules);
  const { bosString: bos_token, eosString: eos_token } = tokens;
  try {
    return new Template(template).render({ messages, bos_token, eos_token, add_generation_prompt: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new Unsupported(`the model's chat template refuses these messages (${message})`, { cause });
  }
}

/** The library that node-llama-cpp itself writes chats with. Needed only after the model is loaded, so imported only then. */
function jinjaOf(modules: string): Jinja {
  return createRequire(join(modules, 'node-llama-cpp', 'from.js'))('@huggingface/jinja') as Jinja;
}

interface Jinja {
  Template: new (template: string) => { render(values: object): string };
}
