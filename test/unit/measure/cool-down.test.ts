import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { coolDown, rememberLoad } from '../../../plugins/nx-study/src/measure/cool-down.ts';
import type { Cooling } from '../../../plugins/nx-study/src/measure/cool-down.ts';

const gap = (min_s: number) => ({ min_s, max_s: null, until: null });
const never = new AbortController().signal;

let folder: string;
let noted: Cooling[];
const note = async (cooling: Cooling) => void noted.push(cooling);

beforeEach(async () => {
  noted = [];
  folder = await mkdtemp(join(tmpdir(), 'nx-study-gap-'));
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

it('waits for what is left of the gap since the last measurement on this host', async () => {
  await mkdir(folder, { recursive: true });
  await rememberLoad('boot');
  const lines: string[] = [];
  const { waited_s, reason } = await coolDown(gap(0.5), 'boot', never, (line) => lines.push(line), note);
  expect(waited_s).toBeGreaterThan(0.1);
  expect(waited_s).toBeLessThan(5);
  expect(reason).toBe('gap of 0.5 s');
  expect(lines).toHaveLength(1);
  expect(noted).toEqual([{ until: expect.any(String), reading: null }]);
  expect(Math.abs(Date.parse(noted[0]!.until) - Date.now())).toBeLessThan(5000);
});

it('does not wait without a gap, after a reboot, or when the machine was idle for long enough', async () => {
  const silent = () => expect.unreachable('nothing to wait for');
  expect(await coolDown(gap(0), 'boot', never, silent, silent)).toMatchObject({ waited_s: 0 });
  await rememberLoad('boot');
  expect(await coolDown(gap(60), 'another boot', never, silent, silent)).toMatchObject({ waited_s: 0 });
  const last = JSON.parse(await readFile(join(folder, 'last-load.json'), 'utf8')) as object;
  await writeFile(join(folder, 'last-load.json'), JSON.stringify({ ...last, ended_ms: Date.now() - 61_000 }));
  expect(await coolDown(gap(60), 'boot', never, silent, silent)).toMatchObject({
    waited_s: 0,
    reason: expect.stringContaining('idle'),
  });
});

it('never waits for longer than the gap, though the clock was set back', async () => {
  await writeFile(join(folder, 'last-load.json'), JSON.stringify({ ended_ms: Date.now() + 3_600_000, boot: 'boot' }));
  const { waited_s } = await coolDown(gap(0.2), 'boot', never, () => {}, note);
  expect(waited_s).toBeLessThan(5);
});

it('ends at once when stopped', async () => {
  await rememberLoad('boot');
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  const { waited_s } = await coolDown(gap(600), 'boot', stop.signal, () => {}, note);
  expect(waited_s).toBeLessThan(30);
});
