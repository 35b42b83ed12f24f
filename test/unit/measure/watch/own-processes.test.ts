import { expect, test } from 'vitest';
import { processTable } from '../../../../plugins/nx-study/src/machine/sensors/processes.ts';
import { ownProcesses } from '../../../../plugins/nx-study/src/measure/watch/own-processes.ts';
import { fakeProc } from '../../../helpers/proc.ts';

const SELF = 50;
const NX = 40;
const WORKER = 60;

async function open() {
  const proc = await fakeProc();
  const own = ownProcesses(SELF, NX, proc.root);
  own.add(WORKER, 'token');
  const members = () => [...own.among(processTable(proc.root))].toSorted((a, b) => a - b);
  return { proc, members };
}

const base = { 1: { name: 'init' }, [NX]: {}, [SELF]: { parent: NX }, [WORKER]: { parent: SELF } };

test('what descends from us or the worker, and what shares its group or session', async () => {
  const { proc, members } = await open();
  await proc.set({
    ...base,
    61: { parent: WORKER },
    62: { parent: 61, group: 62 },
    63: { group: WORKER, session: 9 },
    64: { group: 64, session: WORKER },
    70: { name: 'a (strange) name' },
  });
  expect(members()).toEqual([NX, SELF, WORKER, 61, 62, 63, 64]);
});

test('of Nx it alone: its other tasks are neighbours', async () => {
  const { proc, members } = await open();
  await proc.set({ ...base, 41: { parent: NX, name: 'build' }, 42: { parent: 41 } });
  expect(members()).toEqual([NX, SELF, WORKER]);
});

test('a daemon stays a member when its parents are gone; another process with its number is none', async () => {
  const { proc, members } = await open();
  await proc.set({ ...base, 61: { parent: WORKER, group: 61 } });
  members();
  await proc.set({ ...base, 61: { parent: 1, group: 61 }, 62: { parent: 61 } });
  expect(members()).toContain(61);
  expect(members()).toContain(62);
  await proc.set({ ...base, 61: { parent: 1, group: 61, start: 200 } });
  expect(members()).not.toContain(61);
});

test("what carries the worker's token, as a container's processes do, with all that they start", async () => {
  const { proc, members } = await open();
  const environ = 'A=1\0NX_STUDY_RUN=token\0';
  await proc.set({ ...base, 80: { environ }, 81: { parent: 80 }, 82: { environ: 'NX_STUDY_RUN=other' } });
  expect(members()).toEqual([NX, SELF, WORKER, 80, 81]);
  // What began before us can't be ours, whatever it carries.
  await proc.set({ ...base, 90: { environ, start: 99 } });
  expect(members()).toEqual([NX, SELF, WORKER]);
});

test('a process that was something else when it was first seen', async () => {
  const { proc, members } = await open();
  await proc.set({ ...base, 80: { name: 'runc' } });
  expect(members()).not.toContain(80);
  await proc.set({ ...base, 80: { name: 'python3', environ: 'NX_STUDY_RUN=token\0' } });
  expect(members()).toContain(80);
});
