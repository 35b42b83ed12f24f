import fc from 'fast-check';
import { resolveNxTokensInOptions } from 'nx/src/devkit-internals.js';
import { expect, it, test } from 'vitest';
import { decodeOptions, encodeOptions } from '../../../plugins/nx-study/src/graph/encoding.ts';
import type { Json } from '../../../plugins/nx-study/src/base/json.ts';

const project = { name: 'hello.x-1', root: 'results/hello/x-1' };
/** What an executor gets of options, by Nx's own code. */
const throughNx = (options: object) =>
  decodeOptions(resolveNxTokensInOptions(encodeOptions(options) as object, project, 'results/hello/x-1:measure'));

const token = fc.constantFrom(
  '{workspaceRoot}',
  '{projectRoot}',
  '{projectName}',
  '{workspaceRoot}/',
  '{',
  '}',
  '\\',
  '"',
  '[',
  '...',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(token, fc.string())).map((parts) => parts.join('')),
);
const json = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, false, 0, -1.5, 1e21),
    fc.array(tie('json')),
    fc.dictionary(text, tie('json')).map((value) => value as Json),
  ),
}));

test('no text is changed on its way through Nx', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), json.json, { noNullPrototype: true }), (options) => {
      expect(throughNx(options)).toEqual(options);
    }),
    { numRuns: 500 },
  );
});

it.each([
  'a {workspaceRoot} b',
  '{workspaceRoot}/data.csv',
  '{projectName}{projectRoot}',
  '{{workspaceRoot}}',
  '{project{projectName}Name}',
  '\\{projectName}',
  '"quoted {projectName}"',
  '{"a": 1}',
  '[1]',
  '"',
])('%s arrives, as an option, in one, and as a key', (value) => {
  const options = { message: value, configuration: { value, list: [value], [value]: 1 }, paths: [value] };
  expect(throughNx(options)).toEqual(options);
});

it('leaves values without a token of Nx as they are, so that hashes stay', () => {
  const options = { configuration: { text: 'a {b} {options.x} ${HOME}', list: ['...', 1] }, seed: 1, variant: null };
  expect(encodeOptions(options)).toEqual(options);
});
