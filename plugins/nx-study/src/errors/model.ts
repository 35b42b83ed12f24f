/** Why a model's header tells nothing, or not all. */
export const modelTexts = {
  truncated: (path: string, size: number) => `${path} ends within its header, after ${size} bytes`,
  tooLong: (path: string, most: number) => `${path}: its header is longer than ${most} bytes`,
  gguf: (path: string, what: string) => `${path} is no GGUF file that can be read: ${what}`,
  safetensors: (path: string, what: string) => `${path} is no safetensors file that can be read: ${what}`,
  json: (path: string, what: string) => `${path} can't be read: ${what}`,
  incomplete: (path: string, parameters: number, bytes: number) =>
    `${path} claims ${parameters} weights, but has ${bytes} bytes for them: it is incomplete`,
  missingPart: (path: string, missing: string) => `${path} is one of several parts, and ${missing} is not there`,
  noWeights: (folder: string) => `${folder} has neither model.safetensors nor model.safetensors.index.json`,
  foreign: (index: string, name: string) => `${index} names ${JSON.stringify(name)}, which is not a file beside it`,
  noAttention: 'the header does not tell the shape of the attention layers',
  latent: 'latent attention: engines differ in what they keep',
  mixed: 'the header does not tell which layers are attention layers',
  packed: 'a quantised checkpoint packs several weights into one value',
};
