import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseInterpreter, findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { pythonCandidates } from '../../../plugins/nx-study/src/environment/places.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { writeProgram } from './helpers.ts';

interface Fake {
  version: string;
  release?: boolean;
  free_threaded?: boolean;
  implementation?: string;
}

/** A program that answers as that Python would, and logs each question. */
function writePython(path: string, log: string, fake: Fake): void {
  const answer = { path, release: true, free_threaded: false, implementation: 'CPython', ...fake };
  writeProgram(path, `echo asked >> '${log}'\necho '${JSON.stringify(answer)}'`);
}

// Real ones of this machine are found too; none is as new as these.
function machine() {
  const home = temporaryFolder();
  const log = join(home, 'log');
  writePython(join(home, 'bin/python3'), log, { version: '3.98.2' });
  writePython(join(home, '.pyenv/versions/3.98.7/bin/python'), log, { version: '3.98.7' });
  writePython(join(home, '.local/share/uv/python/cpython-3.97.1/bin/python3.97'), log, { version: '3.97.1' });
  writePython(join(home, '.pyenv/versions/3.99.0rc1/bin/python'), log, { version: '3.99.0', release: false });
  writePython(join(home, '.pyenv/versions/3.99.1t/bin/python'), log, { version: '3.99.1', free_threaded: true });
  writePython(join(home, '.pyenv/versions/pypy/bin/python'), log, { version: '3.99.2', implementation: 'PyPy' });
  writeProgram(join(home, 'shims/python3.99'), 'echo "pyenv: python3.99: command not found" >&2; exit 127');
  writeProgram(join(home, 'broken/python3'), 'exit 1');
  const env = { PATH: ['shims', 'broken', 'bin'].map((folder) => join(home, folder)).join(':') };
  const asked = () => readFileSync(log, 'utf8').trim().split('\n').length;
  return { home, env, cacheDir: join(home, 'cache'), asked };
}

const inside = (home: string) => (path: string) => path.startsWith(home);

test('Pythons are found on the PATH, in version managers and in usual places, but no shims', () => {
  const { home, env } = machine();
  const found = pythonCandidates({ env, home }).filter(inside(home));
  expect(found.map((path) => path.slice(home.length + 1)).toSorted()).toEqual([
    '.local/share/uv/python/cpython-3.97.1/bin/python3.97',
    '.pyenv/versions/3.98.7/bin/python',
    '.pyenv/versions/3.99.0rc1/bin/python',
    '.pyenv/versions/3.99.1t/bin/python',
    '.pyenv/versions/pypy/bin/python',
    'bin/python3',
    'broken/python3',
  ]);
});

test('the newest release that satisfies is taken; pre-releases, free-threaded builds and others never', async () => {
  const { home, env, cacheDir } = machine();
  const found = await findInterpreters(cacheDir, { env, home });
  const choose = (constraint: string) => chooseInterpreter('tiny', constraint, found).version;
  expect(choose('>=3.90')).toBe('3.98.7');
  expect(choose('>=3.90,<3.98')).toBe('3.97.1');
  expect(choose('>=3.98,<3.98.7')).toBe('3.98.2');
  expect(() => choose('>=3.99')).toThrow(
    /tiny needs Python >=3\.99,(.|\n)*3\.99\.2 .*\(PyPy\)\n.*3\.99\.1 .*\(free-threaded build\)\n.*3\.99\.0 .*\(pre-release\)\n.*3\.98\.7 .*\n(.|\n)*apt install python3(.|\n)*brew install(.|\n)*uv python install(.|\n)*python\.org/,
  );
});

test('each is asked once, until its file changes', async () => {
  const { home, env, cacheDir, asked } = machine();
  const first = await findInterpreters(cacheDir, { env, home });
  const before = asked();
  expect(await findInterpreters(cacheDir, { env, home })).toEqual(first);
  expect(asked()).toBe(before);
  const changed = join(home, 'bin/python3');
  writePython(changed, join(home, 'log'), { version: '3.98.33' });
  const again = await findInterpreters(cacheDir, { env, home });
  expect(asked()).toBe(before + 1);
  expect(again.find(({ path }) => path === changed)?.version).toBe('3.98.33');
  rmSync(changed);
  expect((await findInterpreters(cacheDir, { env, home })).map(({ path }) => path)).not.toContain(changed);
});
