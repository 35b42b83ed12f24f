import { testsOfEngine } from '../helpers/constraints.ts';

// Its environment is 3.5 GB, which is made where it isn't there.
await testsOfEngine('vllm');
