import { expect, test } from 'vitest';
import { payloadOf } from '../../kinds/llm-inference/payload.ts';
import { countOf } from '../../../helpers/svg.ts';
import { batchOf, pageOf } from './study.ts';

const energyOf = (joules: number, source = 'rapl', scope = 'package') => ({
  status: 'measured',
  window_s: 10,
  window_output_tokens: 100,
  window_prompt_tokens: 100,
  domains: [{ name: 'package-0', source, scope, joules, samples: 100, idle_w: 5 }],
  idle: { method: 'before', window_s: 5, reason: null },
  missing: {},
});
const withEnergy = (energy: object) => payloadOf([{ ...batchOf({}), energy }]);

test('peaks of memory in two parts, the highest repetition counts, and the limit where it is near', async () => {
  const payloads = [4e8, 5e8].map((rss_bytes) => payloadOf([batchOf({ rss_bytes })]));
  const allowance = { cpus: 2, memory_bytes: 1e9 };
  const { section, words } = await pageOf({ a: { payloads } }, () => ({ record: { allowance } }));
  expect(countOf(section('resources'), 'bar')).toBe(2);
  expect(section('resources').text).toContain('Totals: a 500 MB. limit: 1,000 MB.');
  expect(words('resources')).toContain('The limit of the host’s memory was 1 GB; the highest peak is 50 % of it.');
});

test('a limit far away is said instead of drawn; limits that differ, and none, too', async () => {
  const payloads = [payloadOf([batchOf({})]), payloadOf([batchOf({})])];
  const limited = (bytes: (repetition: number) => number | null) =>
    pageOf({ a: { payloads } }, (_, repetition) => ({
      record: { allowance: { cpus: 2, memory_bytes: bytes(repetition) } },
    }));
  const far = await limited(() => 6e10);
  expect(countOf(far.section('resources'), 'limit')).toBe(0);
  expect(far.words('resources')).toContain('was 60 GB; the highest peak is 0.5');
  expect((await limited((repetition) => repetition * 1e9)).words('resources')).toContain('was not the same for all');
  expect((await limited(() => null)).words('resources')).toContain('No limit of the host’s memory was set');
});

test('the estimate before the start, by its terms', async () => {
  const terms = [
    { name: 'weights', bytes: 1e8 },
    { name: 'KV cache', bytes: 2e7 },
  ];
  const memory = { estimate_bytes: 1.2e8, gpus: 0, terms, omitted: [], available_bytes: 1e9, bound: 'machine' };
  const { section } = await pageOf({ a: { payloads: [payloadOf([batchOf({})])] } }, () => ({ record: { memory } }));
  expect(countOf(section('resources'), 'bar')).toBe(4);
  expect(section('resources').text).toContain('Totals: a 120 MB.');
});

test('memory of the device by who took it, and where only the whole device is known, before and after', async () => {
  const { memory } = batchOf({}) as { memory: object };
  const known = { process_vram_peak_bytes: 9e9, torch_allocated_peak_bytes: 5e9, torch_reserved_peak_bytes: 8e9 };
  const whole = { device_vram_before_bytes: 1e9, device_vram_peak_bytes: 7e9 };
  const on = (of: object) => ({ payloads: [payloadOf([{ ...batchOf({}), memory: { ...memory, ...of } }])] });
  const { section } = await pageOf({ own: on(known), whole: on(whole) });
  expect(section('resources').text).toContain('Totals: own 9 GB; whole 7 GB.');
  expect(countOf(section('resources'), 'bar')).toBe(4 + 5);
});

test('energy per token with its source and scope, above idle, too; different counters never share an axis', async () => {
  const { section, words } = await pageOf({
    a: { payloads: [withEnergy(energyOf(200))] },
    b: { payloads: [withEnergy(energyOf(400))] },
    c: { payloads: [withEnergy(energyOf(400, 'nvml-counter', 'device'))] },
    d: { payloads: [payloadOf([batchOf({})])] },
  });
  expect(section('resources').text).toContain('J for each new token, rapl, scope package');
  expect(section('resources').text).toContain('J for each new token, nvml-counter, scope device');
  expect(section('resources').text).toMatch(/<td data-v="2">/);
  expect(section('resources').text).toMatch(/<td data-v="1.5">/);
  expect(words('resources')).toContain(
    'Energy of d was not measured: the machine shows neither a GPU with a counter of energy nor RAPL.',
  );
});

test('no energy at all: one sentence with the reason, once, and no figure', async () => {
  const { section, words } = await pageOf({
    a: { payloads: [payloadOf([batchOf({})])] },
    b: { payloads: [withEnergy({ status: 'unavailable', reason: '<b>no counter</b>' })] },
  });
  expect(words('resources')).toContain('<b>no counter</b>');
  expect(section('resources').text).not.toContain('<b>no counter');
  expect(section('resources').text).not.toContain('Energy for each new token');
});
