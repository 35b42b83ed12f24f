import { describe } from 'vitest';
import { disturbAll, EVERY } from '../e2e/faults/moments.ts';

describe.each(['nx', 'supervisor'] as const)('%s', (target) => {
  disturbAll(target, EVERY);
});
