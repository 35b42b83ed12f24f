import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAccepted } from '../../plugins/nx-study/src/amendments/accepted.ts';
import { canonicalJson, sha256 } from '../../plugins/nx-study/src/base/canonical.ts';
import { hits } from '../helpers/nx-output.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const letters = `
worker: scripted
sweep: {value: [1, 2]}
experiments:
  - {label: from-data, data: ../data/number.txt}
repeat: {order: sequential}
`;

const create = () =>
  createWorkspace({
    workers: ['scripted'],
    studies: { letters },
    files: { 'studies/data/number.txt': '40\n' },
  });

const accept = ({ command }: Workspace, because?: string) =>
  command(['letters:accept', ...(because === undefined ? [] : ['--because', because])]);

let edits = 0;
/** A comment more: another hash of the measuring code. */
const editCode = ({ edit }: Workspace) =>
  edit('workers/scripted/measure.mjs', 'const run', `// edit ${(edits += 1)}\nconst run`);

test('outcomes from before an accepted change are reused, cached, and flagged', async () => {
  const workspace = await create();
  await workspace.git('config', 'user.name', 'Ada');
  await workspace.measure();
  const before = workspace.finished('letters');
  await editCode(workspace);
  const changed = (await workspace.command(['letters:plan'])).all;
  expect(changed).toContain('3 measurements changed in code or dependencies only');
  expect(changed).toContain('nx run letters:accept --because');
  const accepted = await workspace.nx(['run', 'letters:accept', '--because', 'only a comment changed']);
  expect(accepted.exitCode).toBe(0);
  expect(accepted.all).toMatch(/Accepted for 3 measurements, .*scripted, measuring code \w{8} → \w{8}/s);
  const [entry, ...others] = await readAccepted(workspace.root, 'letters');
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ because: 'only a comment changed', by: 'Ada', changes: [{ worker: 'scripted' }] });

  const planned = (await workspace.command(['letters:plan'])).all.replaceAll(/\s+/g, ' ');
  expect(planned).toContain('3 of 3 done');
  expect(planned).not.toContain('changed in code or dependencies only');
  const reusing = await workspace.measure();
  expect(reusing).toMatchObject({ exitCode: 0, started: [] });
  expect(reusing.all.match(/before a change that is accepted \(only a comment changed\)/g)).toHaveLength(3);
  const cached = await workspace.measure();
  expect(cached).toMatchObject({ exitCode: 0, started: [] });
  expect(hits(cached.all)).toBe(3);

  const copies = workspace.finished('letters').filter((record) => record.accepted !== null);
  expect(copies).toHaveLength(3);
  const hash = await sha256();
  for (const { identity, digest, accepted, findings, started_at } of copies) {
    // What was measured stays what it was; the digest is the one that it stands for.
    const original = before.find((record) => record.started_at === started_at)!;
    expect(identity).toEqual(original.identity);
    const { code, environment } = accepted!;
    expect(digest).toBe(hash(canonicalJson({ ...identity, code, environment })));
    expect(findings).toEqual([
      { code: 'accepted-change', message: expect.stringMatching(/Ada accepted on .*: only a comment changed/) },
    ]);
  }
  const report = (await workspace.command(['letters:report', '--width', '200'])).all;
  expect(report).toMatch(/accepted-change: measured before a change .* only a comment changed/);
  expect(report).not.toContain('Also on this disk');
  const csv = await workspace.read('results/letters/report/measurements.csv');
  expect(csv.match(/,only a comment changed,/g)).toHaveLength(3);
});

test('accepted changes add up, and what is withdrawn is measured', async () => {
  const workspace = await create();
  await workspace.measure();
  await editCode(workspace);
  await accept(workspace, 'first comment');
  expect((await workspace.measure()).started).toEqual([]);
  await editCode(workspace);
  await accept(workspace, 'second comment');
  expect((await workspace.measure()).started).toEqual([]);
  const entries = await readAccepted(workspace.root, 'letters');
  expect(entries[1]!.changes[0]!.from).toEqual(entries[0]!.changes[0]!.to);
  const reasons = workspace
    .finished('letters')
    .map(({ accepted }) => (accepted?.changes ?? []).map(({ because }) => because).join(' + '));
  expect(reasons.toSorted()).toEqual([
    ...Array.from({ length: 3 }, () => ''),
    ...Array.from({ length: 3 }, () => 'first comment'),
    ...Array.from({ length: 3 }, () => 'first comment + second comment'),
  ]);
  const last = workspace.finished('letters').find(({ accepted }) => accepted?.changes.length === 2)!;
  expect(last.findings.map(({ message }) => message.split(': ')[1])).toEqual(['first comment', 'second comment']);

  // As it was written before: all in one file.
  await rm(join(workspace.root, 'studies/letters/accepted'), { recursive: true });
  await workspace.write('studies/letters/accepted.json', `${JSON.stringify([entries[1]])}\n`);
  const report = await workspace.command(['letters:report']);
  expect(report.all).toContain('3 stale');
  expect((await workspace.command(['letters:plan'])).all).toContain('3 to measure');
  const again = await workspace.measure();
  expect(again).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2', 'from-data'] });
  expect(hits((await workspace.measure()).all)).toBe(3);
});

test('only changes of code and dependencies can be accepted', async () => {
  const workspace = await create();
  const refused = async (because?: string) => {
    const { exitCode, all } = await accept(workspace, because);
    expect(exitCode).toBe(1);
    return all;
  };
  expect(await refused()).toContain('Say why');
  expect(await refused(' ')).toContain('Say why');
  expect(await refused('nothing was ever measured')).toContain('nothing to accept');
  await workspace.measure();
  expect(await refused('nothing changed')).toContain('nothing to accept');

  await workspace.write('studies/data/number.txt', '41\n');
  const data = await refused('the same number, in other words');
  expect(data).toMatch(/from-data-\w{8}: contents of data/);
  expect(data).toContain('another measurement');
  await editCode(workspace);
  const partly = await accept(workspace, 'only a comment changed');
  expect(partly.exitCode).toBe(0);
  expect(partly.all).toContain('Accepted for 2 measurements');
  expect(partly.all).toMatch(/from-data-\w{8}: contents of data, measuring code/);
  expect((await workspace.measure()).started).toEqual(['from-data']);
});

test('what one study accepts holds for it alone, under whatever name', async () => {
  const workspace = await create();
  await workspace.measure();
  await editCode(workspace);
  await accept(workspace, 'only a comment changed');
  await workspace.measure();
  await commit(workspace);
  await rename(join(workspace.root, 'studies/letters'), join(workspace.root, 'studies/numbers'));
  const renamed = await workspace.measure();
  expect(renamed).toMatchObject({ exitCode: 0, started: [] });
  expect(workspace.finished('numbers').every(({ accepted }) => accepted !== null)).toBe(true);

  await workspace.write('studies/strict/study.yaml', letters);
  const strict = await workspace.measure(['-p', 'strict*']);
  expect(strict).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2', 'from-data'] });
});

test('with the daemon, an acceptance and a new take are seen by the next command', async () => {
  const workspace = await create();
  const options = { env: { NX_DAEMON: 'true' } };
  const measure = async () => (await workspace.measure([], options)).started;
  expect(await measure()).toEqual(['value-1', 'value-2', 'from-data']);
  await editCode(workspace);
  await workspace.nx(['run', 'letters:accept', '--because', 'only a comment changed'], options);
  expect(await measure()).toEqual([]);
  await workspace.nx(['run', 'letters:remeasure', '--id', 'value-2'], options);
  expect(await measure()).toEqual(['value-2']);
});
