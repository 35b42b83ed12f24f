import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { endAll, kill, processesOf } from '../../helpers/processes.ts';
import { waitFor } from '../../helpers/starts.ts';

const RACERS = 50;
const EACH_HANGING = 10;

test('of 50 processes that race for the device one has it at a time, also when its holder is killed', async () => {
  const home = mkdtempSync(join(tmpdir(), 'nx-study-race-'));
  onTestFinished(async () => {
    await endAll(home);
    rmSync(home, { recursive: true, force: true });
  });
  const log = join(home, 'log');
  const notes = () => (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n').filter(Boolean).map(noteOf);
  const pidsOf = (what: string) => new Set(notes().flatMap((note) => (note.what === what ? [note.pid] : [])));
  const start = (then: string) => {
    const args = [join(import.meta.dirname, 'racer.mjs'), join(home, 'device.lock'), log, then];
    return execa(process.execPath, args, { env: { RACE: home }, reject: false });
  };

  const first = start('hang');
  await waitFor('the first holder', () => pidsOf('begin').has(first.pid!));
  const racers = Array.from({ length: RACERS }, (_, index) => start(index % EACH_HANGING === 0 ? 'hang' : 'end'));
  await waitFor('all to wait', () => pidsOf('waits').size === RACERS, 120);
  const hanging = [first, ...racers.filter((_, index) => index % EACH_HANGING === 0)].map(({ pid }) => pid!);
  const killed = new Set<number>();
  while (killed.size < hanging.length) {
    const victim = await waitFor('one that hangs', () =>
      hanging.find((pid) => !killed.has(pid) && pidsOf('begin').has(pid)),
    );
    kill(victim, 'SIGKILL');
    killed.add(victim);
  }
  await Promise.all(racers);

  const turns = notes().filter(({ what }) => what !== 'waits');
  const expected = turns.filter(({ what }) => what === 'begin').flatMap(({ pid }) => turnOf(pid, killed.has(pid)));
  expect(turns).toEqual(expected);
  expect(pidsOf('begin')).toEqual(new Set([first, ...racers].map(({ pid }) => pid!)));
  expect(processesOf(home)).toEqual([]);
});

interface Note {
  what: string;
  pid: number;
}

function noteOf(line: string): Note {
  const [what, pid] = line.split(' ') as [string, string];
  return { what, pid: Number(pid) };
}

const turnOf = (pid: number, isKilled: boolean): Note[] => [
  { what: 'begin', pid },
  ...(isKilled ? [] : [{ what: 'end', pid }]),
];
