import { testsOfEngine } from '../helpers/constraints.ts';

// vLLM is asked by the long tests, and what runs in containers needs a GPU.
await testsOfEngine('llama-cpp');
await testsOfEngine('transformers');
