import { expect, test } from 'vitest';
import { machineName } from '../../../plugins/nx-study/src/machine/name.ts';

test('a machine has the name of its host, and within a job that of a node which the host stands for', () => {
  expect(machineName('', 'box.lab.org')).toBe('box.lab.org');
  expect(machineName('n2', 'box')).toBe('n2');
  // The same machine outside of a job.
  expect(machineName('gpu4', 'gpu4.lab.org')).toBe('gpu4.lab.org');
  expect(machineName('gpu4', 'gpu4')).toBe('gpu4');
});
