import { expect, test } from 'vitest';
import { inputGate } from '../../../../plugins/nx-study/src/measure/run/check.ts';
import { constraintsSchema } from '../../../../plugins/nx-study/src/worker/constraints.ts';
import type { Worker } from '../../../../plugins/nx-study/src/worker/manifest.ts';
import { actsOf, batchIn } from '../workspace.ts';

/** A worker whose engine refuses to measure; with `machine` only because of that. */
function refusing(worker: Worker, machine: object): Worker {
  const rule = {
    id: 'no-measuring',
    settings: { act: { const: 'measure' } },
    machine,
    message: '`act` is {settings.act}',
    hint: 'Wait.',
    engine: { does: 'refuses', source: 'measure.sh', seen: null },
    examples: { refused: { act: 'measure' }, accepted: { act: 'wait' } },
  };
  const engine = { name: 'Acts', packages: ['acts'], versions: '>=1' };
  const constraints = { ...constraintsSchema.parse({ engine, rules: [rule] }), locked: ['1.0'], packages: {} };
  return { ...worker, manifest: { ...worker.manifest, constraints: 'constraints.json' }, constraints };
}

test.each([
  ['unsupported', {}],
  ['platform', { gpus: { type: 'integer' } }],
])('what the engine refuses is not started, and recorded as %s', async (type, machine) => {
  const acts = await actsOf(['measure', 'wait']);
  const { batch } = await batchIn(acts.root);
  const gate = inputGate(batch);
  const worker = refusing(acts.worker, machine);
  const message =
    'its engine would not run these settings as they are, so it was not started: ' +
    '`act` is measure (rule `no-measuring`: Acts 1.0 refuses it, by its sources)';
  const { outcome } = await gate(acts.of('measure'), worker);
  expect(outcome).toMatchObject({ success: false, failure: { type, message: expect.stringContaining(message) } });
  expect(await acts.failed('measure')).toMatchObject([{ outcome: 'failed', failure: { type } }]);

  expect(await gate(acts.of('wait'), worker)).toEqual({ outcome: null, size: null });
  expect(await gate({ ...acts.of('measure'), expect: 'failed' }, worker)).toEqual({ outcome: null, size: null });
});
