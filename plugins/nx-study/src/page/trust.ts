import { isAbsent } from '../base/known.ts';
import { formatBeside } from '../base/numbers.ts';
import { machinesText } from '../comparisons/format.ts';
import { FEWEST_RUNS } from '../analysis/drift.ts';
import type { Comparisons, MetricComparison } from '../comparisons/compare.ts';
import { comparison, gateName } from '../kinds/gates.ts';
import { bars } from '../figures/bars.ts';
import { sortableTable } from '../figures/data-table.ts';
import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import { numberText, typeset } from '../figures/numbers.ts';
import { runOrder } from '../figures/run-order.ts';
import type { RunsPanel } from '../figures/run-order.ts';
import { measurementsOf } from '../state/rows.ts';
import type { Row } from '../state/rows.ts';
import { flagsOf } from './flags.ts';
import { FILES, nameOf, shownOf } from './names.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** Panels of the order of running: one for each of the first metrics. */
const MOST_METRICS = 3;

/** Gates, drift over the order of running, and where the time went. */
export function trustSection({ results, comparisons }: PageInput): MaybeSection {
  const measured = measurementsOf(results.rows).filter(({ stored }) => stored !== null);
  if (measured.length === 0) return null;
  return {
    id: 'trust',
    title: texts.trust,
    body: html`${gatesTable(results.rows)} ${orderFigure(comparisons)} ${driftSentences(comparisons.metrics)}
    ${machineSentences(comparisons.metrics)} ${phasesFigure(measured)}`,
  };
}

function gatesTable(rows: readonly Row[]): Safe | null {
  const gated = rows.filter(({ gates }) => gates.length > 0);
  const heads = new Map(gated.flatMap(({ gates }) => gates).map((gate) => [gateName(gate), gate]));
  if (heads.size === 0) return null;
  const shown = shownOf(gated);
  const table = sortableTable({
    caption: texts.gatesTable,
    columns: [
      { name: texts.measurement },
      ...[...heads].map(([name, gate]) => ({ name, detail: `${comparison(gate.passes)} ${gate.threshold}` })),
      { name: texts.verdictHead, text: true },
    ],
    rows: shown.map((row) => ({
      cells: [
        nameOf(row),
        ...[...heads.keys()].map((name) => {
          const gate = row.gates.find((one) => gateName(one) === name);
          const value = gate?.value ?? null;
          return {
            value,
            reason: gate?.reason ?? undefined,
            detail: gate?.counted,
            ...(value !== null && { shown: typeset(formatBeside(value, gate!.threshold)) }),
          };
        }),
        row.verdict,
      ],
    })),
  });
  return shown.length < gated.length
    ? html`${table}
        <p class="note">${texts.badFirst(shown.length, gated.length, FILES.measurements)}</p>`
    : table;
}

/** Runs in the order in which they started, each relative to the mean of its experiment. */
function orderFigure({ metrics }: Comparisons): Safe | null {
  const panels = metrics.slice(0, MOST_METRICS).flatMap((metric) => orderPanel(metric) ?? []);
  if (panels.length === 0) return null;
  return runOrder({
    title: texts.orderOfRunning,
    file: FILES.measurements,
    howToRead: texts.howToReadOrder,
    description: texts.describeOrder,
    panels,
  });
}

function orderPanel({ metric, entries }: MetricComparison): RunsPanel | null {
  const runs = entries
    .flatMap(({ alternative, repetitions, summary }) =>
      alternative.rows.map((row, index) => {
        const mean = isAbsent(summary) ? null : summary.mean;
        const { value, reason } = repetitions[index]!;
        const isRelative = metric.scale === 'ratio';
        const shown = value === null || mean === null || mean === 0 ? value : isRelative ? value / mean : value;
        const flags = flagsOf([row]);
        const at = row.stored?.record.started_at ?? null;
        return { at, experiment: alternative.name, value: shown, flags, ...(reason !== null && { reason }) };
      }),
    )
    .flatMap(({ at, ...run }) => (at === null ? [] : [{ at, ...run }]))
    .toSorted((one, other) => (one.at < other.at ? -1 : 1))
    .map((run, index) => ({ ...run, order: index + 1 }));
  if (runs.length < FEWEST_RUNS) return null;
  const isRatio = metric.scale === 'ratio';
  return {
    title: metric.label,
    y: { label: isRatio ? texts.relativeToMean : metric.unit || metric.label },
    runs,
    ...(isRatio && { reference: 1 }),
  };
}

/** How machines that share the study differ. */
function machineSentences(metrics: readonly MetricComparison[]): Safe | null {
  const sentences = metrics.flatMap((compared) => {
    const text = machinesText(compared);
    return text === '' ? [] : [html`<li>${texts.machineEffects(compared.metric.label, typeset(text))}</li>`];
  });
  return sentences.length === 0
    ? null
    : html`<p>${texts.machinesHead}</p>
        <ul>
          ${sentences}
        </ul>`;
}

function driftSentences(metrics: readonly MetricComparison[]): Safe | null {
  const known = metrics.flatMap(({ metric, drift }) => (isAbsent(drift) ? [] : [{ metric, drift }]));
  if (known.length === 0) {
    const reason = metrics.flatMap(({ drift }) => (isAbsent(drift) ? [drift.reason] : []))[0];
    return reason === undefined ? null : html`<p class="note">${texts.noDrift(reason)}</p>`;
  }
  return html`<ul>
    ${known.map(
      ({ metric, drift }) =>
        html`<li>
          ${texts.drift(metric.label, { percent: numberText(100 * drift.slope_per_run, 2), p: numberText(drift.p, 2), runs: drift.n, isClear: drift.p < 0.05 })}
        </li>`,
    )}
  </ul>`;
}

const MOST_BARS = 60;

function phasesFigure(measured: readonly Row[]): Safe | null {
  const shown = measured.filter(({ stored }) => (stored?.record.phases.length ?? 0) > 0).slice(0, MOST_BARS);
  if (shown.length === 0) return null;
  return bars({
    title: texts.phases,
    howToRead: texts.howToReadPhases(shown.length, measured.length),
    description: texts.describePhases,
    panels: [
      {
        title: texts.timeByPhase,
        unit: 's',
        bars: shown.map((row) => ({
          name: nameOf(row),
          parts: row.stored!.record.phases.map(({ phase, elapsed_s }) => ({ name: phase, value: elapsed_s })),
          flags: flagsOf([row]),
        })),
      },
    ],
  });
}
