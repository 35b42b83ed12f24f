/** The workers that come with nx-study. */
export const SHIPPED = [
  'ideal-point',
  'pymc',
  'llama-cpp',
  'transformers',
  'vllm',
  'endpoint',
  'tensorrt-llm',
  'sglang',
] as const;

type Shipped = (typeof SHIPPED)[number];

export const isShipped = (name: string): name is Shipped => (SHIPPED as readonly string[]).includes(name);
