import { groupBy } from '../../base/group-by.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { intervals } from '../../figures/intervals.ts';
import type { IntervalSeries } from '../../figures/intervals.ts';
import { estimateOf, factOf, hasMetric } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

const METRICS = [
  { metric: 'j_per_output_token', label: texts.grossEnergy },
  { metric: 'adjusted_j_per_output_token', label: texts.energyAboveIdle },
] as const;

/** Energy per new token, with what measured it; one sentence with the reason where nothing did. */
export function energyFigure(subjects: readonly Subject[]): Safe | null {
  if (subjects.length === 0) return null;
  if (!hasMetric(subjects, 'j_per_output_token')) return html`<p>${texts.noEnergy(reasonsOf(subjects))}</p>`;
  // Counters of different scopes measure different things.
  const meters = groupBy(subjects, ({ rows }) => {
    const metered = rows.find((row) => factOf(row, 'energy_source') !== null);
    return metered === undefined
      ? null
      : texts.meter(String(factOf(metered, 'energy_source')), String(factOf(metered, 'energy_scope')));
  });
  const unmetered = meters.get(null) ?? [];
  const series = [...meters].flatMap(([meter, of]) => (meter === null ? [] : seriesOf(meter, of)));
  return html`${intervals({
    title: texts.energy,
    howToRead: texts.howToReadEnergy,
    description: texts.describeEnergy,
    series,
  })}${
    unmetered.length === 0
      ? null
      : html`<p class="note">
          ${texts.unmetered(
            unmetered.map(({ name }) => name),
            reasonsOf(unmetered),
          )}
        </p>`
  }`;
}

const seriesOf = (meter: string, subjects: readonly Subject[]): IntervalSeries[] =>
  METRICS.filter(({ metric }) => hasMetric(subjects, metric)).map(({ metric, label }) => ({
    title: label,
    detail: texts.energyDetail(meter),
    rows: subjects.map((subject) => {
      const { value, low, high, n, points, reason } = estimateOf(subject, metric);
      const { name, flags } = subject;
      return { name, estimate: value, low, high, points: n > 1 ? points : [], n, reason, flags };
    }),
  }));

const reasonsOf = (subjects: readonly Subject[]): string[] => [
  ...new Set(subjects.flatMap((subject) => estimateOf(subject, 'j_per_output_token').reason ?? [])),
];
