import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { lines } from '../../figures/lines.ts';
import type { LinePoint, LinesPanel } from '../../figures/lines.ts';
import type { Sample } from '../../kinds/kind.ts';
import { samplesIn } from './samples.ts';
import { FROM_ZERO, MOST_LINES, numbersIn, pointAt, scaleFor } from './series.ts';
import { estimateOf, hasMetric } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';
import type { ServerMode } from './texts.ts';

const UNITS = {
  server_running: '',
  server_waiting: '',
  server_kv_percent: '%',
  server_queue_s: 's',
  server_prefill_s: 's',
  server_preemptions: '',
  server_prefix_hit_percent: '%',
  server_accept_length: 'tokens',
  gpu_power_w: 'W',
  gpu_utilisation_percent: '%',
} as const satisfies Record<keyof typeof texts.serverPanels, string>;

/** The server's own metrics by its load; nothing where it tells none. */
export function serverByLoad(
  ladders: readonly { name: string; rungs: readonly Subject[] }[],
  mode: ServerMode,
): Safe | null {
  const subjects = ladders.flatMap(({ rungs }) => rungs);
  const told = (Object.keys(UNITS) as (keyof typeof UNITS)[]).filter((metric) => hasMetric(subjects, metric));
  if (told.length === 0) return null;
  const drawn = told.filter(
    (metric) =>
      ALWAYS.has(metric) || subjects.some((one) => estimateOf(one, metric).points.some((value) => value !== 0)),
  );
  const left = told.filter((metric) => !drawn.includes(metric));
  const figure = lines({
    title: texts.serverByLoad,
    howToRead: texts.howToReadServer,
    description: texts.describeServer,
    panels: drawn.map((metric) => ({
      title: texts.serverPanels[metric],
      x: { label: texts.loadOf(mode), scale: scaleFor(numbersIn(subjects, 'load')) },
      y: { label: withUnit(texts.serverPanels[metric], UNITS[metric]) },
      references: FROM_ZERO,
      series: ladders.map(({ name, rungs }) => ({
        name,
        points: rungs.map((one) => pointAt(one.load!, one, metric)),
      })),
    })),
  });
  if (left.length === 0) return figure;
  return html`${figure}
    <p class="note">${texts.allZero(left.map((metric) => texts.serverPanels[metric]))}</p>`;
}

// That nothing waits is worth a line; of the others it is said.
const ALWAYS: ReadonlySet<string> = new Set(['server_running', 'server_waiting']);

const withUnit = (label: string, unit: string): string => (unit === '' ? label : `${label}, ${unit}`);

const OVER_TIME = [
  { of: 'server', quantity: 'running', label: texts.serverPanels.server_running, unit: '' },
  { of: 'server', quantity: 'waiting', label: texts.serverPanels.server_waiting, unit: '' },
  { of: 'server', quantity: 'kv_percent', label: texts.serverPanels.server_kv_percent, unit: '%' },
  { of: 'gpu', quantity: 'power_w', label: texts.serverPanels.gpu_power_w, unit: 'W' },
  { of: 'gpu', quantity: 'utilisation_percent', label: texts.serverPanels.gpu_utilisation_percent, unit: '%' },
  { of: 'gpu', quantity: 'sm_clock_mhz', label: texts.gpuClock, unit: 'MHz' },
] as const;

/** Its gauges, and what its GPUs told, over the time of one measurement of each subject; nothing where it tells none. */
export function serverOverTime(served: readonly Subject[]): Safe | null {
  const shown = served.slice(0, MOST_LINES).map((subject) => ({
    name: subject.name,
    samples: samplesIn(subject.rows.slice(0, 1)).flat(),
  }));
  const panels = OVER_TIME.flatMap(({ of, quantity, label, unit }): LinesPanel[] => {
    const series = shown.flatMap(({ name, samples }) => {
      const points = pointsOf(
        samples.filter(({ sample }) => sample === of),
        quantity,
      );
      return points.length > 1 ? [{ name, points, isPlain: true }] : [];
    });
    if (series.length === 0) return [];
    const y = { label: withUnit(label, unit) };
    return [{ title: label, x: { label: texts.sinceFirst }, y, references: FROM_ZERO, series }];
  });
  if (panels.length === 0) return null;
  return lines({
    title: texts.serverOverTime,
    howToRead: texts.howToReadOverTime,
    description: texts.describeOverTime,
    panels,
  });
}

/** More points than that can't be seen. */
const MOST_POINTS = 200;

function pointsOf(readings: readonly Sample[], quantity: string): LinePoint[] {
  const valueOf = ({ quantities }: Sample, name: string) => quantities.find((one) => one.name === name)?.value;
  const begin_s = readings[0] === undefined ? 0 : valueOf(readings[0], 'at_s')!;
  const points = readings.flatMap((one) => {
    const y = valueOf(one, quantity);
    return y === undefined ? [] : [{ x: valueOf(one, 'at_s')! - begin_s, y }];
  });
  const each = Math.ceil(points.length / MOST_POINTS);
  // Of some in a row the highest: a peak must not get lost.
  return Array.from({ length: Math.ceil(points.length / each) || 0 }, (_, index) =>
    points.slice(index * each, (index + 1) * each).reduce((most, point) => (point.y > most.y ? point : most)),
  );
}
