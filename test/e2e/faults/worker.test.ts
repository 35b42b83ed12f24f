import { readFileSync, statSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finishedDirectory } from '../../../plugins/nx-study/src/record/paths.ts';
import type { Failure } from '../../../plugins/nx-study/src/record/schema.ts';
import { processesOf } from '../../helpers/processes.ts';
import { studyOf } from '../../helpers/studies.ts';
import { createWorkspace } from '../../helpers/workspace.ts';
import { tableOf } from './table.ts';

interface Fault {
  /** What the worker does in its first start. */
  script: Record<string, unknown>;
  /** What the record of that says; null where the measurement counts. */
  failure: Partial<Record<keyof Failure, unknown>> | null;
  /** Codes of the findings of one that counts. */
  findings?: string[];
}

const containing = (text: string): unknown => expect.stringContaining(text);
const partly = (object: object): unknown => expect.objectContaining(object);

const faults: Record<string, Fault> = {
  'exits-3': {
    script: { ending: 'exit-3' },
    failure: {
      type: 'crash',
      exit_code: 3,
      signal: null,
      message: 'exit code 3 in phase "measuring"',
      log_tail: containing('the scripted worker gives up'),
    },
  },
  segfaults: { script: { ending: 'segfault' }, failure: { type: 'crash', signal: 'SIGSEGV' } },
  'is-killed': { script: { ending: 'kill-self' }, failure: { type: 'crash', signal: 'SIGKILL' } },
  'writes-no-result': {
    script: { ending: 'no-result' },
    failure: { type: 'invalid-result', message: containing('wrote no result.json') },
  },
  'writes-half-a-result': {
    script: { ending: 'half-result' },
    failure: { type: 'invalid-result', message: containing('JSON') },
  },
  'writes-another-kind': {
    script: { ending: 'wrong-kind' },
    failure: { type: 'invalid-result', message: containing('"posterior"') },
  },
  'writes-a-wrong-shape': {
    script: { ending: 'wrong-schema' },
    failure: { type: 'invalid-result', message: containing('measured_count') },
  },
  'writes-a-wrong-checksum': {
    script: { ending: 'wrong-checksum' },
    failure: { type: 'invalid-result', message: containing('checksum') },
  },
  'exits-1-after-its-result': {
    script: { ending: 'result-then-exit-1' },
    failure: { type: 'crash', exit_code: 1, phase: 'teardown' },
  },
  'hangs-silently': {
    script: { during: 'silence', sleep_s: 600 },
    failure: { type: 'stalled', phase: 'measuring', message: 'sent no event for 5 s in phase "measuring"' },
  },
  'hangs-heartbeating': {
    script: { during: 'heartbeats', sleep_s: 600 },
    failure: { type: 'timeout', message: 'took longer than 10 s in phase "measuring"' },
  },
  'ignores-sigterm': {
    script: { during: 'silence', sleep_s: 600, on_sigterm: 'ignore' },
    failure: { type: 'stalled', signal: 'SIGKILL' },
  },
  // By the kernel where control groups can be made, else by looking.
  'eats-memory': {
    script: { during: 'eat-memory', sleep_s: 600 },
    failure: { type: 'oom', phase: 'measuring', message: expect.stringMatching(/limit of 0\.39 GiB/) },
  },
  'deletes-its-run-directory': {
    script: { during: 'delete-run', sleep_s: 1 },
    failure: { type: 'crash', message: containing('run directory') },
  },
  'floods-the-log': { script: { during: 'flood-log', sleep_s: 1 }, failure: null, findings: ['log-shortened'] },
  ...Object.fromEntries(
    [
      ['fifo-as-result', /result\.json is a FIFO/],
      ['endless-result', /result\.json has more than the \d+ bytes that are read/],
      ['fifo-as-events', /events\.jsonl in the run directory is a FIFO/],
      ['fifo-as-log', /worker\.log in the run directory is a FIFO/],
      ['fifo-among-files', /files\/pipe in the run directory is a FIFO/],
      ['link-as-log', /worker\.log in the run directory is a link/],
      ['endless-side-file', /samples\.txt, which is a hole of 4398046511104 bytes/],
      ['link-as-side-file', /samples\.txt, which is a link/],
    ].map(([ending, message]) => [
      ending,
      { script: { ending }, failure: { type: 'invalid-result', message: expect.stringMatching(message!) } },
    ]),
  ),
  'link-as-run-directory': {
    script: { ending: 'link-as-run-directory' },
    failure: { type: 'crash', message: containing('in the place of its run directory') },
  },
  'endless-events': {
    script: { ending: 'endless-events' },
    failure: null,
    // Reading so much may be a neighbour of it.
    findings: expect.arrayContaining(['malformed-events', 'events-unread']),
  },
  'folder-as-record': { script: { ending: 'folder-as-record' }, failure: null, findings: [] },
  'trap-for-record': { script: { ending: 'trap-for-record' }, failure: null, findings: [] },
  'waits-behind-a-fifo': {
    script: { begin: 'fifo-as-events' },
    failure: { type: 'stalled', message: 'sent no event for 5 s' },
  },
  'needs-20-s-to-exit': { script: { linger_s: 20 }, failure: null, findings: [] },
  'leaves-a-daemon': { script: { daemon: true }, failure: null, findings: [] },
};

const LIMITS = `{timeout_s: 10, stalled_s: 5, memory_limit_bytes: ${400 * 2 ** 20}}`;

test('whatever a worker does is told as what it is, and the next run completes the table', async () => {
  const labels = Object.keys(faults);
  const study = studyOf(
    labels.map((label) => ({ label })),
    `execution: ${LIMITS}\n`,
  );
  const create = () => createWorkspace({ workers: ['scripted'], studies: { faults: study } });
  const workspace = await create();
  const TMPDIR = join(workspace.home, 'tmp');
  await mkdir(TMPDIR);
  workspace.script(Object.fromEntries(Object.entries(faults).map(([label, { script }]) => [label, script])));

  expect(await workspace.measure([], { env: { TMPDIR } })).toMatchObject({ exitCode: 1, started: labels });
  expect(processesOf(workspace.home)).toEqual([]);
  expect((await readdir(TMPDIR)).filter((name) => name.startsWith('nx-study-'))).toEqual([]);
  const failed = new Map(workspace.failed('faults').map((record) => [record.label, record]));
  const finished = new Map(workspace.finished('faults').map((record) => [record.label, record]));
  const told = labels.map((label) => [
    label,
    failed.get(label)?.failure ?? null,
    finished.get(label)?.findings.map(({ code }) => code),
  ]);
  const expected = Object.entries(faults).map(([label, { failure, findings }]) => [
    label,
    failure && partly(failure),
    findings,
  ]);
  expect(told).toEqual(expected);
  expect(failed.get('exits-1-after-its-result')!.files.map(({ path }) => path)).toEqual(['result.json', 'samples.txt']);
  expect(finished.get('needs-20-s-to-exit')!.elapsed_s).toBeGreaterThan(20);
  const trap = finished.get('trap-for-record')!;
  const { id } = trap;
  expect(readFileSync(join(workspace.root, 'results/faults', id, 'outside'), 'utf8')).toBe('precious');
  const flood = finished.get('floods-the-log')!;
  const slot = { workspaceRoot: workspace.root, study: 'faults', id: flood.id };
  const log = join(finishedDirectory(slot, flood.digest), 'worker.log');
  expect(statSync(log).size).toBeLessThan(10 << 20);
  expect(readFileSync(log, 'utf8')).toMatch(/… \d+ bytes left out …/);

  workspace.script({});
  // What ran out of memory is settled: it is tried again when somebody says so.
  const again = await workspace.measure([], { env: { NX_STUDY_RETRY: '1' } });
  expect(again).toMatchObject({ exitCode: 0, started: labels.filter((label) => faults[label]!.failure !== null) });
  expect(processesOf(workspace.home)).toEqual([]);
  const undisturbed = await create();
  expect(await undisturbed.measure()).toMatchObject({ exitCode: 0, started: labels });
  expect(await tableOf(workspace, 'faults')).toEqual(await tableOf(undisturbed, 'faults'));
});
