import { spawn } from 'node:child_process';
import { mkdirSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import {
  keepFailed,
  leftPartials,
  livingPartials,
  partialDirectory,
} from '../../../plugins/nx-study/src/record/attempts.ts';
import { finishedDirectory } from '../../../plugins/nx-study/src/record/paths.ts';
import type { Supervisor } from '../../../plugins/nx-study/src/record/schema.ts';
import { planOf, STUDY, workspaceOf } from '../commands/report/workspace.ts';

const id = 'normal-1a2b3c4d';

async function aProcess(): Promise<Supervisor> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const identity = (await processIdentity(child.pid))!;
  return { host: hostname(), pid: identity.pid, boot: identity.bootId, start_time: identity.startTime };
}

async function slotWith() {
  const { workspaceRoot, digests, write } = await workspaceOf(planOf({ normal: {} }));
  const slot = { workspaceRoot, study: STUDY, id, digest: digests.get(id)! };
  const finished = finishedDirectory(slot, slot.digest);
  const nameOf = ({ pid, boot }: Supervisor) =>
    `${finished}.${hostname().replaceAll('.', '_')}@${boot.slice(0, 8)}@${pid}.partial`;
  const running = async (supervisor: Supervisor) => {
    const name = nameOf(supervisor);
    await write({ id, folder: name.slice(dirname(name).length + 1), record: { outcome: 'running', supervisor } });
    return name;
  };
  return { slot, running, nameOf };
}

test('the run directory of a supervisor that lives is nobody’s leftover; that of a dead one is', async () => {
  const { slot, running, nameOf } = await slotWith();
  const alive = await aProcess();
  const other = await aProcess();
  const live = await running(alive);
  // Its number has been given to another process since.
  const reused = await running({ ...other, start_time: '1' });
  const beforeBoot = await running({ ...alive, boot: 'another-boot' });
  const gone = await running({ ...alive, pid: 2 ** 22 + 1 });
  // Another machine of the same name.
  const namesake = nameOf(alive).replace('@', '~ffffff@');
  mkdirSync(namesake, { recursive: true });
  expect(await livingPartials(slot)).toEqual([live]);
  expect((await leftPartials(slot)).toSorted()).toEqual([reused, beforeBoot, gone].toSorted());
});

test('one without a record is at work for the moment that a first record takes', async () => {
  const { slot, nameOf } = await slotWith();
  const directory = nameOf(await aProcess());
  mkdirSync(directory, { recursive: true });
  expect([await livingPartials(slot), await leftPartials(slot)]).toEqual([[directory], []]);
  const before = Date.now() / 1000 - 3600;
  utimesSync(directory, before, before);
  expect([await livingPartials(slot), await leftPartials(slot)]).toEqual([[], [directory]]);
});

test('what this process left itself is left over: it measures one after another', async () => {
  const { slot } = await slotWith();
  const own = partialDirectory(slot, (await processIdentity())!.bootId);
  mkdirSync(join(own), { recursive: true });
  expect([await livingPartials(slot), await leftPartials(slot)]).toEqual([[], [own]]);
});

test('attempts that processes put aside at the same time have numbers of their own', async () => {
  const { slot } = await slotWith();
  const parent = dirname(finishedDirectory(slot, slot.digest));
  const left = ['one', 'two', 'three', 'four'].map((name) => join(parent, name));
  for (const folder of left) mkdirSync(join(folder, 'files'), { recursive: true });
  const kept = await Promise.all(left.map((folder) => keepFailed(slot, folder)));
  expect(new Set(kept).size).toBe(4);
});
