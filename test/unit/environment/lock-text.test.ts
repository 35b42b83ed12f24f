import { expect, it } from 'vitest';
import { lockProblem } from '../../../plugins/nx-study/src/environment/lock-text.ts';

const problem = (text: string) => lockProblem('a.lock', text)?.message ?? null;

it.each([
  [''],
  ['# comment only\n\n'],
  ['six==1.17.0 --hash=sha256:aa\n'],
  ['six==1.17.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r requirements.in\n'],
  ["a==1 ; python_full_version < '3.13' \\\r\n    --hash=sha256:aa\r\n"],
  ['--index-url https://localhost/simple\na @ https://localhost/a.whl --hash=sha256:aa'],
])('takes %j', (text) => {
  expect(problem(text)).toBe(null);
});

it.each([
  ['six==1.17.0\n', 'a.lock, line 1: "six==1.17.0" has no hash, so another package could take its place unnoticed'],
  ['a==1 --hash=sha256:aa\n\n# --hash=sha256:bb\nb==2 # --hash=sha256:cc', 'a.lock, line 4: "b==2" has no hash'],
  ['a==1 \\\n  --hash=sha256:aa\nb==2 \\\n  ; sys_platform == "linux"\n', 'a.lock, line 3: '],
  ['-r other.txt', 'a.lock, line 1: "-r other.txt" names what has no hash here'],
  ['--requirement=other.txt', 'a.lock, line 1: '],
  ['-e ./package', 'a.lock, line 1: '],
])('refuses %j', (text, message) => {
  expect(problem(text)).toContain(message);
});

it('says how to make one', () => {
  expect(lockProblem('a.lock', 'six')?.hint).toContain('uv pip compile --universal --generate-hashes');
});
