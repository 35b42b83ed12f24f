import { expect, test } from 'vitest';
import { compareVersions, lowestMinor, versionRange } from '../../../plugins/nx-study/src/environment/versions.ts';

test.each([
  ['>=3.12,<3.15', ['3.12.0', '3.14.9'], ['3.11.9', '3.15.0', '2.7.18']],
  ['>= 3.12 , != 3.13.1', ['3.12.0', '3.13.0'], ['3.13.1', '3.9.1']],
  ['==3.12.*', ['3.12.0', '3.12.11'], ['3.1.2', '3.13.0']],
  ['!=3.12.*', ['3.11.0'], ['3.12.4']],
  ['==3.12', ['3.12.0'], ['3.12.1']],
  ['~=3.12', ['3.12.0', '3.13.2'], ['3.11.0', '4.0.0']],
  ['~=3.12.2', ['3.12.2', '3.12.9'], ['3.12.1', '3.13.0']],
  ['>3.9,<=3.10.2', ['3.9.1', '3.10.2'], ['3.9.0', '3.10.3']],
])('%s', (constraint, inside, outside) => {
  const satisfies = versionRange(constraint);
  expect(inside.filter((version) => !satisfies(version))).toEqual([]);
  expect(outside.filter(satisfies)).toEqual([]);
});

test.each(['', '3.12', '^3.12', '>=3.12 <3.15', '>=3.x', '>=3.12.*', '~=3', '>=3.12,'])(
  '%j is refused',
  (constraint) => {
    expect(() => versionRange(constraint)).toThrow(/is no range of Python versions.*worker\.json/);
  },
);

test('versions are compared as numbers', () => {
  expect(['3.9.18', '3.13.0', '3.10.2'].toSorted(compareVersions)).toEqual(['3.9.18', '3.10.2', '3.13.0']);
});

test.each([
  ['>=3.12,<3.15', '3.12'],
  ['>3.10.5', '3.10'],
  ['==3.13.*', '3.13'],
  ['<3', '3'],
])('what to install for %s: %s', (constraint, minor) => {
  expect(lowestMinor(constraint)).toBe(minor);
});
