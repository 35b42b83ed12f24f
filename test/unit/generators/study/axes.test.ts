import { expect, test } from 'vitest';
import { parseAxes } from '../../../../plugins/nx-study/src/generators/study/axes.ts';

test.each([
  [undefined, {}],
  ['', {}],
  [[], {}],
  ['level=1,6,9', { level: [1, 6, 9] }],
  // As Nx hands over one option, which it cuts at commas.
  [['level=1', '6', '9'], { level: [1, 6, 9] }],
  [['level=1,6', 'size=10,20'], { level: [1, 6], size: [10, 20] }],
  ['level=1,6 size=10,20', { level: [1, 6], size: [10, 20] }],
  ['sample.seed=7', { 'sample.seed': [7] }],
  ['format=json,v8', { format: ['json', 'v8'] }],
  ['on=true,false', { on: [true, false] }],
  [
    'prior={sigma: 1, mu: 0},{sigma: 2, mu: 0}',
    {
      prior: [
        { sigma: 1, mu: 0 },
        { sigma: 2, mu: 0 },
      ],
    },
  ],
  ['command="sleep 1, then",b', { command: ['sleep 1, then', 'b'] }],
])('%j', (written, axes) => {
  expect(parseAxes(written)).toEqual(axes);
});

test.each(['level', '1,2', '=1', 'level=', 'level=[1', ['level', 'a=1']])('refuses %j', (written) => {
  expect(() => parseAxes(written)).toThrow(/--axes ".*" can't be read\. Write the setting and its values/);
});
