import { expect, test } from 'vitest';
import { readByLlmd } from '../../../../helpers/llmd.ts';
import type { Report } from '../../../../helpers/llmd.ts';
import { offline, payloadOf } from '../../../kinds/llm-inference/payload.ts';
import { closed, gpuMachine, onGpus, open, written } from './written.ts';

const awkward = 'on: yes, \u009b31m, 12:30, 2026-03-01, =, 😀 \u007f\nnext';

test('the package of llm-d accepts the files, and reads the numbers in them', { timeout: 600_000 }, async () => {
  const { paths, reports } = await written({
    several: {
      payload: payloadOf([offline, { ...offline, order: 1 }, { ...closed, order: 2 }], {
        warnings: [{ code: 'no', message: awkward }],
        settings: { asked: {}, effective: { tiny: -1e-7, huge: 1e21, on: 'off', nothing: null } },
      }),
    },
    open: { payload: payloadOf([open], { engine: { name: 'sglang', version: null, through: null, build: {} } }) },
    gpus: { payload: onGpus, record: { machine: gpuMachine } },
  });
  const read = await readByLlmd(paths);
  expect(read).toHaveLength(5);
  for (const [index, report] of read.entries()) {
    const { request_performance, observability } = reports[index].results;
    expect(report.results.request_performance).toEqual(request_performance);
    expect(report.results.observability).toMatchObject(observability);
    expect(report.scenario.stack.map((one: Report) => one.native)).toEqual(
      reports[index].scenario.stack.map((one: Report) => one.native),
    );
  }
  const [first] = read;
  expect(first.run.description).toContain(awkward);
  expect(first.scenario.stack[0].native.config.settings.effective).toEqual({
    tiny: -1e-7,
    huge: 1e21,
    on: 'off',
    nothing: null,
  });
  expect(read.at(-1).scenario.stack[0].standardized).toMatchObject({
    kind: 'inference_engine',
    accelerator: { model: 'Example GPU', count: 2, parallelism: { tp: 2, pp: 1, dp: 1, ep: 1 } },
  });
});
