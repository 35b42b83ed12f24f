import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  checkEnded,
  makeRunDirectory,
  withMaxDuration,
} from '../../../../plugins/nx-study/src/measure/one/run-directory.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

let folder: string;
let run: string;

beforeEach(() => {
  folder = temporaryFolder();
  run = join(folder, 'run');
  mkdirSync(join(run, 'files'), { recursive: true });
  writeFileSync(join(folder, 'outside'), 'text');
});

const sha256 = createHash('sha256').update('text').digest('hex');

function writeResult(paths: string[]): void {
  const files = paths.map((path) => ({ path, sha256 }));
  writeFileSync(join(run, 'result.json'), JSON.stringify({ protocol: 1, kind: 'values', payload: { a: 1 }, files }));
}

const at = (path: string) => join(run, path);

test('regular files and folders of them are kept, also with further names (hard links)', async () => {
  writeFileSync(at('draws'), 'text');
  linkSync(join(folder, 'outside'), at('files/linked'));
  mkdirSync(at('files/deep'));
  writeFileSync(at('files/deep/more'), 'not named');
  symlinkSync('draws', at('a-link-that-is-not-kept'));
  writeResult(['draws', 'files/linked']);
  expect(await checkEnded(run, 'values')).toMatchObject({ state: 'complete', files: [{}, { bytes: 4 }, { bytes: 4 }] });
});

const named: [string, string, RegExp, () => unknown][] = [
  ['a link out of the run directory', 'draws', /is a link/, () => symlinkSync(join(folder, 'outside'), at('draws'))],
  ['an absolute link within it', 'draws', /is a link/, () => symlinkSync(at('result.json'), at('draws'))],
  ['a FIFO', 'draws', /is a FIFO/, () => execFileSync('mkfifo', [at('draws')])],
  ['a folder', 'draws', /is a folder/, () => mkdirSync(at('draws'))],
  ['a link to a device', 'draws', /is a link/, () => symlinkSync('/dev/zero', at('draws'))],
  ['a hole', 'draws', /is a hole/, () => [writeFileSync(at('draws'), ''), truncateSync(at('draws'), 2 ** 42)]],
  [
    'behind a linked folder',
    'files/draws',
    /behind a link|is a link/,
    () => [rmSync(at('files'), { recursive: true }), symlinkSync(folder, at('files'))],
  ],
  ['above the run directory', 'files/..', /protocol/, () => {}],
  ['an absolute path', '/etc/hostname', /protocol/, () => {}],
  ['a path that climbs', '../outside', /protocol/, () => {}],
];

test.each(named)('a side file that is %s is refused', async (_, path, problem, make) => {
  make();
  writeFileSync(join(folder, 'draws'), 'text');
  writeResult([path]);
  expect(await checkEnded(run, 'values')).toEqual({ state: 'invalid', problem: expect.stringMatching(problem) });
});

test.each(['events.jsonl', 'worker.log', 'request.json', 'derived.json', 'files/deep/pipe'])(
  'what is kept without being named must be regular, too: %s',
  async (name) => {
    mkdirSync(at('files/deep'));
    writeResult([]);
    execFileSync('mkfifo', [at(name)]);
    const fifo = { state: 'invalid', problem: expect.stringContaining(`${name} in the run directory is a FIFO`) };
    expect(await checkEnded(run, 'values')).toEqual(fifo);
    rmSync(at(name));
    symlinkSync(join(folder, 'outside'), at(name));
    const link = { state: 'invalid', problem: expect.stringContaining(`${name} in the run directory is a link`) };
    expect(await checkEnded(run, 'values')).toEqual(link);
  },
);

test('a socket is none', async () => {
  const server = createServer().listen(at('files/socket'));
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  writeResult([]);
  expect(await checkEnded(run, 'values')).toMatchObject({ problem: expect.stringContaining('is a socket') });
});

test('reading ends when nobody waits any more', async () => {
  writeFileSync(at('draws'), 'text');
  writeResult(['draws']);
  expect((await checkEnded(run, 'values', AbortSignal.abort())).state).toBe('invalid');
});

test('who is forced to end has time for a result that is there, and not for ever', async () => {
  writeFileSync(at('draws'), 'text');
  writeResult(['draws']);
  const force = AbortSignal.abort();
  expect((await withMaxDuration(force, (signal) => checkEnded(run, 'values', signal))).state).toBe('complete');
  const endless = (signal: AbortSignal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve('ended')));
  expect(await withMaxDuration(force, endless)).toBe('ended');
  const late = new AbortController();
  const waiting = withMaxDuration(late.signal, endless);
  late.abort();
  expect(await waiting).toBe('ended');
});

test('a run directory is known again; what stands in its place is neither followed nor lost', async () => {
  const place = join(folder, 'fresh');
  const made = makeRunDirectory(place);
  expect(await made.restore()).toBe(false);
  mkdirSync(join(place, 'record.json'));
  expect(await made.restore()).toBe(false);
  expect(readdirSync(place)).toEqual(['record.json.of-the-worker']);

  renameSync(place, join(folder, 'moved'));
  symlinkSync(join(folder, 'moved'), place);
  expect(await made.restore()).toBe('replaced');
  expect([readdirSync(place), existsSync(join(folder, 'moved/record.json.of-the-worker'))]).toEqual([[], true]);
  expect(await made.restore()).toBe('replaced');
  rmSync(place, { recursive: true });
  expect(await made.restore()).toBe(true);
  expect(readdirSync(place)).toEqual([]);
});
