import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { failureText, failuresOfVitest, resultsOfPytest } from '../../../tools/failures.mjs';
import { temporaryFolder } from '../machine/helpers.ts';

const repository = join(import.meta.dirname, '../../..');

const PYTHON = `
import pytest

def test_passes():
    pass

@pytest.mark.parametrize("text", ["a < b & \\"c\\""])
def test_differs(text):
    assert text == "another"

def test_without_a_word():
    pytest.fail("", pytrace=False)

def test_with_a_few():
    pytest.fail('x > "y" & <z>', pytrace=False)

@pytest.fixture
def broken():
    yield
    raise RuntimeError("no end")

def test_fails_and_ends_badly(broken):
    assert 1 == 2

def test_ends_badly(broken):
    pass

def test_skipped():
    pytest.skip("later")

@pytest.mark.xfail
def test_expected():
    assert False
`;

test('all that pytest says to have failed is told by name, with its words or with its message alone', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pytest.ini'), '[pytest]\n');
  writeFileSync(join(folder, 'test_some.py'), PYTHON);
  writeFileSync(join(folder, 'test_gone.py'), 'import nothing_like_this\n');
  const report = join(folder, 'report.xml');
  const options = ['-c', join(folder, 'pytest.ini'), '--continue-on-collection-errors', `--junit-xml=${report}`];
  const program = join(repository, 'tools/python.mjs');
  // Of all environments for tests in Python this one is made the fastest.
  await execa('node', [program, 'vllm', '-m', 'pytest', ...options, folder], { cwd: repository, reject: false });
  const { passed, failed, failures } = resultsOfPytest('python', readFileSync(report, 'utf8'));
  expect(failures.map(({ name, message }) => [name, message.split('\n').slice(-2).join('\n')])).toEqual([
    ['test_gone', expect.stringContaining("E   ModuleNotFoundError: No module named 'nothing_like_this'")],
    ['test_some: test_differs[a < b & "c"]', expect.stringMatching(/test_some\.py:9: AssertionError$/)],
    ['test_some: test_without_a_word', 'Failed'],
    ['test_some: test_with_a_few', 'x > "y" & <z>'],
    ['test_some: test_fails_and_ends_badly', expect.stringContaining('AssertionError')],
    ['test_some: test_fails_and_ends_badly', expect.stringContaining('RuntimeError')],
    ['test_some: test_ends_badly', expect.stringContaining('RuntimeError')],
  ]);
  expect({ passed, failed }).toEqual({ passed: 1, failed: 7 });
  expect(failureText(failures)).toContain('✗ python: test_some: test_without_a_word\n    Failed');
});

const TYPESCRIPT = `
import { afterAll, test } from 'vitest';
afterAll(() => { throw new Error('no end'); });
test('passes', () => {});
`;

test('a failed test of Vitest is told by name, and so is a file that fails around its tests', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'around.test.ts'), TYPESCRIPT);
  const failing = "import { expect, test } from 'vitest';\ntest('differs', () => expect(1).toBe(2));\n";
  writeFileSync(join(folder, 'one.test.ts'), failing);
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const report = join(folder, 'report.json');
  const program = join(repository, 'node_modules/vitest/vitest.mjs');
  const reporting = ['--reporter=json', `--outputFile=${report}`];
  await execa('node', [program, 'run', ...reporting], { cwd: folder, reject: false });
  const failures = failuresOfVitest('unit', JSON.parse(readFileSync(report, 'utf8')), (file) => basename(file));
  expect(failures.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { part: 'unit', name: 'around.test.ts', message: expect.stringContaining('no end') },
    { part: 'unit', name: 'one.test.ts: differs', message: expect.stringContaining('expected 1 to be 2') },
  ]);
});
