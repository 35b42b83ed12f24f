import { expandable, facts, preformatted } from '../figures/blocks.ts';
import { numberText } from '../figures/numbers.ts';
import { html } from '../figures/html.ts';
import type { Fragment, Safe } from '../figures/html.ts';
import { isAbsent } from '../base/known.ts';
import { scaleOf, unitBeside } from '../base/numbers.ts';
import { unitOf } from '../kinds/values/units.ts';
import type { Stored } from '../record/read.ts';
import type { Telemetry } from '../record/telemetry.ts';
import type { Results, Row } from '../state/rows.ts';
import { anchorOf, commitOf, FILES, isBad, machineOf, nameOf, shownOf } from './names.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** Each measurement with its settings, numbers, findings and circumstances; failures first. */
export function detailsSection({ results, curves = new Map() }: PageInput): MaybeSection {
  return {
    id: 'details',
    title: texts.details,
    body: html`${
      results.rows.length > MOST_WITH_NUMBERS
        ? html`<p class="note">${texts.withoutNumbers(MOST_WITH_NUMBERS, FILES.measurements)}</p>`
        : null
    }${orderedOf(results).map((row) => detailOf(row, results.rows, curves))}`,
  };
}

/** Failures first. */
function orderedOf({ rows }: Pick<Results, 'rows'>): Row[] {
  const measurements = [...new Map(shownOf(rows).map((row) => [anchorOf(row), row])).values()];
  return [...measurements.filter(isBad), ...measurements.filter((row) => !isBad(row))];
}

/** The attempts that have a file of samples, with the names of their measurements, in the order of the page. */
export const sampledAttempts = (results: Pick<Results, 'rows'>): (Stored & { name: string })[] =>
  orderedOf(results).flatMap((row) =>
    row.stored?.record.telemetry?.file ? [{ ...row.stored, name: wholeName(row) }] : [],
  );

/** Of more rows the files beside the page have all numbers: they would make it larger than anybody sends. */
const MOST_WITH_NUMBERS = 200;

/** Of a measurement, with all of its workloads. */
const wholeName = (row: Row): string => nameOf({ ...row, part: { ...row.part, of: 1 } });

type Curves = NonNullable<PageInput['curves']>;

function detailOf(row: Row, rows: readonly Row[], curves: Curves): Safe {
  const { id, state, failure, damage } = row;
  const parts = row.part.of > 1 ? rows.filter((one) => one.id === id && one.stored === row.stored) : [row];
  const title = html`<span id="${anchorOf(row)}"><b>${wholeName(row)}</b></span> · ${state}`;
  const body = html`${damage === null ? null : html`<p>${damage.damage.message}</p>`}
  ${failure === null ? null : failureOf(failure)} ${findingsOf(parts)} ${facts(circumstances(row))}
  ${curvesIn(row, curves)}
  ${rows.length > MOST_WITH_NUMBERS ? null : parts.map((part) => numbersOf(part, parts.length > 1))}`;
  return expandable(title, body, failure !== null || damage !== null);
}

function failureOf({ type, phase, message, log_tail }: NonNullable<Row['failure']>): Safe {
  return html`<p><b>${type}</b>${phase === null ? null : ` ${texts.inPhase(phase)}`}: ${message}</p>
    ${log_tail === '' ? null : preformatted(lastLines(log_tail), texts.log)}`;
}

const LINES = 20;
const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-LINES).join('\n');

function findingsOf(parts: readonly Row[]): Safe | null {
  const findings = new Map(parts.flatMap((part) => part.findings).map((one) => [`${one.code} ${one.message}`, one]));
  if (findings.size === 0) return null;
  return html`<ul>
    ${[...findings.values()].map(({ code, message }) => html`<li><b>${code}</b>: ${message}</li>`)}
  </ul>`;
}

function circumstances({ stored, repetition, seed, configuration, attempts }: Row): [string, Fragment][] {
  const record = stored?.record;
  return [
    [texts.settings, html`<code>${JSON.stringify(configuration)}</code>`],
    [texts.repetitionAndSeed, `${repetition}, ${seed}`],
    ...(record === undefined
      ? []
      : ([
          [texts.started, `${record.started_at} (${texts.attempts(attempts)})`],
          [texts.took, record.elapsed_s === null ? texts.unknown : `${numberText(record.elapsed_s, 4)} s`],
          [texts.machine, machineOf(record)],
          ...(record.telemetry === null ? [] : ([[texts.telemetry, telemetryOf(record.telemetry)]] as const)),
          [texts.commit, commitOf(record)],
          [texts.digest, html`<code>${record.digest}</code>`],
          ...(record.reused_from === null ? [] : ([[texts.reusedFrom, record.reused_from]] as const)),
        ] satisfies readonly (readonly [string, Fragment])[] as [string, Fragment][])),
  ];
}

function telemetryOf({ file, samples, quantities, missing }: Telemetry): Safe {
  const told = Object.entries(quantities).map(([name, { min, mean, max }]) => {
    const { unit } = unitOf(name);
    const scale = scaleOf(unit, [min, mean, max]);
    const text = (value: number) => `${numberText(value / scale.divisor)}${unitBeside(unit, scale)}`;
    return [name, texts.lowMeanHigh(text(min), text(mean), text(max))];
  });
  const absent = Object.entries(missing).map(([name, reason]) => [name, `${texts.noValue}: ${reason}`]);
  return html`${file === null ? null : texts.telemetryIn(samples, file.path)}
    <ul>
      ${[...told, ...absent].map(([name, text]) => html`<li><code>${name}</code>: ${text}</li>`)}
    </ul>`;
}

function curvesIn({ stored }: Row, curves: Curves): Safe | null {
  if (!stored?.record.telemetry?.file) return null;
  const drawn = curves.get(stored.directory);
  if (drawn === undefined) return html`<p class="note">${texts.curvesElsewhere}</p>`;
  return isAbsent(drawn) ? html`<p class="note">${texts.curvesUnread(drawn.reason)}</p>` : drawn;
}

/** All numbers of a workload, as a list that is closed at first. */
function numbersOf({ metrics, part }: Row, isOneOfSeveral: boolean): Safe | null {
  if (metrics.length === 0) return null;
  const title = isOneOfSeveral ? `${texts.numbers}: ${part.name}` : texts.numbers;
  return expandable(
    title,
    facts(
      metrics.map(({ name, value, unit, reason }) => [
        name,
        value === null ? html`<i>${texts.noValue}</i>: ${reason}` : allDigits(value, unit),
      ]),
    ),
  );
}

function allDigits(value: number, named: string): string {
  const { divisor, unit } = scaleOf(named, [value]);
  return `${value / divisor}${unit && ` ${unit}`}`;
}
