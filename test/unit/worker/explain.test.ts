import { expect, test } from 'vitest';
import { errorOf, loadIn, makeWorkspace } from '../study/workspace.ts';

const manifest = JSON.stringify({
  protocol: 1,
  kind: 'values',
  description: 'A worker',
  commands: { measure: ['sh', 'measure.sh'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['worker.json'],
});
const schema = (key: object) =>
  JSON.stringify({ type: 'object', additionalProperties: false, properties: { key: { type: 'string', ...key } } });

async function problem(key: object) {
  const root = await makeWorkspace({
    'workers/own/worker.json': manifest,
    'workers/own/config.schema.json': schema(key),
    'studies/s/study.yaml': 'worker: own\nbase: {key: wrong}\n',
  });
  return (await errorOf(loadIn(root, 's'))).message;
}

test('text of another form is explained by what its setting means, not by a regular expression', async () => {
  const message = await problem({ pattern: '^[A-Z]+$', description: 'Name of a variable.' });
  expect(message).toContain('`key` doesn\'t have the form that it needs: "wrong"\n    → Name of a variable.');
  expect(message).not.toContain('^[A-Z]+$');
  expect(await problem({ pattern: '^[A-Z]+$' })).toContain("The worker's schema asks for `^[A-Z]+$`.");
});
