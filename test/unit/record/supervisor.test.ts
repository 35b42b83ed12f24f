import { expect, test } from 'vitest';
import { machineId } from '../../../plugins/nx-study/src/machine/id.ts';
import { supervisorState } from '../../../plugins/nx-study/src/record/supervisor.ts';
import { living } from '../commands/status/study.ts';

test('a process of another machine with the same name may live', async () => {
  const here = await living();
  expect(await supervisorState(here)).toBe('alive');
  expect(await supervisorState({ ...here, pid: 2 ** 22 + 1 })).toBe('gone');
  const own = machineId();
  if (own === null) return;
  expect(await supervisorState({ ...here, machine: own })).toBe('alive');
  expect(await supervisorState({ ...here, machine: own, boot: 'another' })).toBe('gone');
  expect(await supervisorState({ ...here, machine: 'ffffffffffff', boot: 'another' })).toBe('elsewhere');
});
