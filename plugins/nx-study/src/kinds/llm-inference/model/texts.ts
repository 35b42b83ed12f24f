/** Why a model's header can't be read, or determines not everything. */
export const modelTexts = {
  truncated: (path: string, size: number) => `${path} ends within its header, after ${size} bytes`,
  tooLong: (path: string, most: number) => `${path}: its header is longer than ${most} bytes`,
  gguf: (path: string, what: string) => `${path} is no GGUF file that can be read: ${what}`,
  safetensors: (path: string, what: string) => `${path} is no safetensors file that can be read: ${what}`,
  json: (path: string, what: string) => `${path} can't be read: ${what}`,
  incomplete: (path: string, parameters: number, bytes: number) =>
    `${path} claims ${parameters} weights, but has ${bytes} bytes for them: it is incomplete`,
  missingPart: (path: string, missing: string) => `${path} is one of several parts, and ${missing} is not there`,
  partCount: (path: string, claimed: number, named: number) =>
    `${path} says that it is one of ${claimed} parts, and by its name it is one of ${named}: give the parts the names that llama-gguf-split gave them`,
  partNumber: (path: string, claimed: number, named: number) =>
    `${path} says that it is part ${claimed}, and by its name it is part ${named}`,
  partTensors: (path: string, claimed: number, found: number) =>
    `${path} says that all parts have ${claimed} tensors, and they have ${found}: they don't belong together`,
  noWeights: (folder: string) => `${folder} has neither model.safetensors nor model.safetensors.index.json`,
  foreign: (index: string, name: string) => `${index} names ${JSON.stringify(name)}, which is not a file beside it`,
  noAttention: 'the header does not give the shape of the attention layers',
  latent: 'latent attention: engines differ in what they keep',
  mixed: 'the header does not say which layers are attention layers',
  keepsNothing: 'no layer keeps keys and values, and the size of what it keeps instead is not known',
  encoder: 'an encoder keeps no keys and values from token to token',
  encoderDecoder: 'the size of the cache of encoder and decoder is not known',
  parts: 'the model has parts beside its language model, and the header does not say which weights a token passes',
  state: 'some layers keep a state instead of keys and values',
  sharing: 'the header does not say what layers do that reuse or predict',
  experts: 'the header does not say how many experts a token passes',
  windows: 'the header does not say which layers look at a window only',
  packed: 'a quantised checkpoint packs several weights into one value',
};
