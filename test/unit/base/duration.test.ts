import { describe, expect, it } from 'vitest';
import { duration } from '../../../plugins/nx-study/src/base/duration.ts';

describe('duration', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [42.4, '42 s'],
    [59.6, '1 min 00 s'],
    [80, '1 min 20 s'],
    [3599.7, '1 h 00 min'],
    [7500, '2 h 05 min'],
  ])('%d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
