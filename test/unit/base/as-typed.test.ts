import type { TaskGraph } from '@nx/devkit';
import { expect, it } from 'vitest';
import { asTyped } from '../../../plugins/nx-study/src/base/as-typed.ts';

const contextOf = (...typed: string[]) => ({
  taskGraph: { tasks: { 'hello:accept': { overrides: { __overrides_unparsed__: typed } } } } as unknown as TaskGraph,
});

it.each([
  ['a {projectName}', ['--because=a {projectName}']],
  ['a {projectName}', ['--because', 'a {projectName}']],
  ['{projectRoot}=1', ['--json', '--because={projectRoot}=1']],
  // Nothing that Nx could have changed.
  ['as Nx says', ['--because=other words']],
  ['as Nx says', ['--other={projectName}', '--because']],
  ['as Nx says', []],
])('takes %s from %j', (text, typed) => {
  expect(asTyped(contextOf(...typed), 'because', 'as Nx says')).toBe(text);
});

it('takes what Nx says where nothing is known of a command line', () => {
  expect(asTyped({}, 'because', 'a')).toBe('a');
  expect(asTyped({ taskGraph: { tasks: { a: { overrides: {} } } } as unknown as TaskGraph }, 'because', 'a')).toBe('a');
});
