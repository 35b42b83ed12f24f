import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { absent, known } from '../../../plugins/nx-study/src/base/known.ts';
import { painter } from '../../../plugins/nx-study/src/base/layout.ts';
import { reportOf } from '../../../plugins/nx-study/src/commands/report/report.ts';
import { writePages } from '../../../plugins/nx-study/src/commands/report/write-page.ts';
import type { Readings } from '../../../plugins/nx-study/src/measure/watch/host-sensors.ts';
import { drawingsOf } from '../../helpers/svg.ts';
import { sampled } from '../../helpers/telemetry.ts';
import { treeOf } from '../../helpers/tree.ts';
import { planOf, workspaceOf } from '../commands/report/workspace.ts';

const NAME = 'alpha';

/** A page of one measurement whose sensors said these things, and the folder of its record. `spoil` acts before the page is made. */
async function pageWith(
  readings: readonly Readings[],
  gpuLines: readonly string[] = [],
  spoil: (file: string) => Promise<void> = async () => {},
) {
  const plan = planOf({ [NAME]: {} });
  const { workspaceRoot, write, results } = await workspaceOf(plan);
  const directory = await treeOf({ 'request.json': '{}' });
  const telemetry = await sampled({ directory, readings, gpuLines, inContainer: true }).result();
  const place = await write({ id: `${NAME}-1a2b3c4d`, record: { telemetry } });
  const file = join(place, 'telemetry.jsonl');
  if (telemetry.file !== null) await writeFile(file, await readFile(join(directory, 'telemetry.jsonl')));
  await spoil(file);
  const found = await results();
  const report = reportOf({ results: found, workspaceRoot, chosen: null, paint: painter(false) });
  await mkdir(join(workspaceRoot, 'report'));
  const { page } = await writePages(workspaceRoot, 'report', { results: found, report });
  const text = await readFile(join(workspaceRoot, page), 'utf8');
  const figure = /<figure>(?:(?!<figure>).)*Power, clocks, temperatures.*?<\/figure>/s.exec(text)?.[0] ?? null;
  return { text, figure };
}

const ofHost = (cpu_celsius: number | null): Readings => ({
  cpu_celsius: cpu_celsius === null ? absent('no reading') : known(cpu_celsius),
  cpu_power_w: absent('the kernel shows no energy counter of the CPU'),
  memory_available_bytes: known(8e9),
});
const ofGpu = (power: number, celsius = 60) => `0, GPU-a, ${power}, 1980, 2619, ${celsius}, 2048`;

/** Numbers of the points of each line in a drawing, a gap between lists. */
const linesIn = (svg: string): number[][] =>
  [...svg.matchAll(/class="line [^"]*"\s+d="([^"]*)"/g)].map(([, path]) =>
    path!
      .split('M')
      .filter((piece) => piece !== '')
      .map((piece) => piece.split(/[LZ]/).filter((point) => point !== '').length),
  );

test('a panel for each quantity with a sensor, with its unit; a gap where a value is missing', async () => {
  const celsius = [40, 41, 42, null, 44, 45];
  const { figure, text } = await pageWith(
    celsius.map(ofHost),
    celsius.map((_, index) => ofGpu(100 + 50 * index)),
  );
  const drawings = drawingsOf({ text: figure! });
  expect(drawings.map(({ title }) => title.split(': ')[1])).toEqual([
    'power',
    'clock',
    'temperature',
    'memory of GPUs',
    'memory left on the machine',
  ]);
  for (const label of ['power, W', 'clock, MHz', 'temperature, °C', 'memory of GPUs, GB', 'on the machine, GB'])
    expect(figure).toContain(label);
  expect(figure).toContain('time since the start of the worker, s');
  expect(figure).toContain('gpu0 from 100 at 1 to 350 at 6.');
  const [power, clocks, temperatures] = figure!.split('<svg').filter((part) => part.includes('class="line'));
  expect(linesIn(power!)).toEqual([[6]]);
  expect(linesIn(clocks!)).toEqual([[6], [6]]);
  expect(linesIn(temperatures!)).toEqual([[3, 2], [6]]);
  // The processor has no counter of power: no curve, and the reason stands in the list above.
  expect(text).toContain('no value: the kernel shows no energy counter of the CPU');
  // A file has the data and the gaps.
  expect(figure).not.toContain('<table');
  expect(figure).not.toContain('Not drawn');
});

test('long series are thinned, which is said, and neither a peak nor a dip nor a gap gets lost', async () => {
  const celsius = Array.from({ length: 1000 }, (_, index) =>
    index === 333 ? 99 : index === 500 ? 7 : index === 700 ? null : 50,
  );
  const { figure } = await pageWith(celsius.map(ofHost));
  expect(figure).toContain('of 10 samples in a row the lowest and the highest');
  const temperatures = figure!.split('<svg').find((part) => part.includes('temperature, °C'))!;
  const [line] = linesIn(temperatures);
  expect(line).toHaveLength(2);
  expect(line!.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(200);
  // The axis reaches from the dip to the peak.
  expect(temperatures).toMatch(/>100<\/text>/);
  expect(temperatures).toMatch(/>0<\/text>/);
});

test('without a sensor there is nothing; a file that is not the one of the record is not drawn, and says why', async () => {
  const nothing = await pageWith([{ cpu_power_w: absent('no counter') }]);
  expect(nothing.figure).toBeNull();
  expect(nothing.text).not.toContain('no curves');
  const single = await pageWith([ofHost(40)]);
  expect(single.figure).toBeNull();
  const altered = await pageWith([40, 41].map(ofHost), [], (file) => writeFile(file, '{"elapsed_s":1}\n'));
  expect(altered.figure).toBeNull();
  expect(altered.text).toContain('no curves: the file is not the one of its record');
});

test('curves take no more than a part of the page: the measurements after that have a sentence', async () => {
  const ids = Array.from({ length: 160 }, (_, index) => `m${index}`);
  const plan = planOf(Object.fromEntries(ids.map((id) => [id, {}])));
  const { workspaceRoot, write, results } = await workspaceOf(plan);
  const directory = await treeOf({ 'request.json': '{}' });
  const readings = Array.from({ length: 250 }, (_, index) => ofHost(40 + (index % 7)));
  const telemetry = await sampled({ directory, readings, gpuLines: readings.map(() => ofGpu(100)) }).result();
  const samples = await readFile(join(directory, 'telemetry.jsonl'));
  for (const id of ids)
    await writeFile(join(await write({ id: `${id}-1a2b3c4d`, record: { telemetry } }), 'telemetry.jsonl'), samples);
  const found = await results();
  const report = reportOf({ results: found, workspaceRoot, chosen: null, paint: painter(false) });
  await mkdir(join(workspaceRoot, 'report'));
  const { page } = await writePages(workspaceRoot, 'report', { results: found, report });
  const text = await readFile(join(workspaceRoot, page), 'utf8');
  const drawn = text.split('Power, clocks, temperatures and memory over time</h3>').length - 1;
  const left = text.split('the page has room for those of the measurements above only').length - 1;
  expect(drawn).toBeGreaterThan(20);
  expect(drawn + left).toBe(ids.length);
  expect(left).toBeGreaterThan(0);
});
