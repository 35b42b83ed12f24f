import { execFileSync } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { forAll, forOne } from '../../../plugins/nx-study/src/base/command.ts';
import type { BatchResult } from '../../../plugins/nx-study/src/base/command.ts';
import { screenOfNx } from '../../../plugins/nx-study/src/base/terminal.ts';

interface Options {
  study: string;
}

async function command({ study }: Options, { root }: { root: string }) {
  if (study === 'broken') throw new Error('no study `broken`\u{1B}[2J');
  return { success: study !== 'bad', text: `${study} in ${root}` };
}

async function batch(studies: string[]): Promise<BatchResult[]> {
  const inputs = Object.fromEntries(studies.map((study) => [`${study}:report`, { study }]));
  const results: BatchResult[] = [];
  for await (const result of forAll(command)(null, inputs, {}, { root: '/w' })) results.push(result);
  return results;
}

afterEach(() => void vi.restoreAllMocks());

test('each study of a batch has its own text and success, also after one that failed', async () => {
  const results = await batch(['a', 'broken', 'bad', 'z']);
  expect(results.map(({ task, result: { success, terminalOutput } }) => [task, success, terminalOutput])).toEqual([
    ['a:report', true, 'a in /w\n'],
    ['broken:report', false, '\nno study `broken`\\x1b[2J\n\n'],
    ['bad:report', false, 'bad in /w\n'],
    ['z:report', true, 'z in /w\n'],
  ]);
  for (const { result } of results) expect(result.endTime).toBeGreaterThanOrEqual(result.startTime);
});

test('a batch prints nothing: Nx does', async () => {
  const printed = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(process.stdout, 'write')];
  await batch(['a', 'broken']);
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});

test('one study is printed here, and what keeps it from working on the error output', async () => {
  const out = vi.spyOn(console, 'log').mockReturnValue();
  const err = vi.spyOn(console, 'error').mockReturnValue();
  const run = (study: string) => forOne(command)({ study }, { root: '/w' });
  expect(await run('a')).toEqual({ success: true });
  expect(await run('bad')).toEqual({ success: false });
  expect(out.mock.calls).toEqual([['a in /w'], ['bad in /w']]);
  expect(err).not.toHaveBeenCalled();
  expect(await run('broken')).toEqual({ success: false });
  expect(err.mock.calls).toEqual([['\nno study `broken`\\x1b[2J\n']]);
});

test.runIf(process.platform === 'linux')('a batch learns the width of the terminal that Nx prints to', () => {
  // The process in the terminal stands for Nx; its child has a pipe, as a batch has.
  const base = `${import.meta.dirname}/../../../plugins/nx-study/src/base/terminal.ts`;
  const child = `import(${JSON.stringify(base)}).then(({ screenOfNx }) => console.log(JSON.stringify(screenOfNx())))`;
  const nx = `process.stdout.write(require('node:child_process').execFileSync(process.execPath,
    ['--import', '@swc-node/register/esm-register', '-e', ${JSON.stringify(child)}]))`;
  const env = { ...process.env, TERM: 'xterm-256color', FORCE_COLOR: '', NO_COLOR: '', NX: nx };
  const output = execFileSync('script', ['-qec', 'stty cols 71; exec "$NODE" -e "$NX"', '/dev/null'], {
    env: { ...env, NODE: process.execPath },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(output).toContain('"columns":71');
});

test('where Nx is gone, nothing is assumed of its terminal', () => {
  expect(screenOfNx(2 ** 30).columns).toBe(process.stdout.columns);
});
