import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { editorSchema } from '../../../plugins/nx-study/src/study/editor.ts';
import { aWorker } from '../worker/manifest.ts';

const configSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    model: { description: 'what to read', anyOf: [{ type: 'string', format: 'asset' }, { type: 'object' }] },
  },
};
const reader = { ...aWorker({ kind: 'values' }), name: 'reader', root: 'workers/reader', configSchema };

test.each([
  [['tiny'], 'tiny', true],
  [['tiny'], 'tiney', false],
  [['tiny'], '/models/tiny', true],
  [['tiny'], 'models/tiny', false],
  [[], '/models/tiny', true],
  [[], 'tiny', false],
])('with the assets %j an editor takes %j: %j', (assets, model, fits) => {
  const validate = new Ajv({ strict: false }).compile(editorSchema([reader], assets));
  expect(validate({ worker: 'reader', base: { model } })).toBe(fits);
  expect(validate({ worker: 'reader', sweep: { model: [model] } })).toBe(fits);
});
