import { isAbsent } from '../base/known.ts';
import { scaleOf } from '../base/numbers.ts';
import type { Effects } from '../analysis/effects.ts';
import type { MetricComparison } from '../comparisons/compare.ts';
import { bars } from '../figures/bars.ts';
import { html } from '../figures/html.ts';
import { numberText } from '../figures/numbers.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

type WithEffects = MetricComparison & { effects: Effects };

/** How much of each metric's variance the axes account for, with their best and worst levels. */
export function effectsSection({ comparisons }: PageInput): MaybeSection {
  const known = comparisons.metrics.flatMap((one) =>
    // With one axis and no repetitions all of the variance is that axis's.
    isAbsent(one.effects) || isTrivial(one.effects) ? [] : [{ ...one, effects: one.effects } satisfies WithEffects],
  );
  const axes = new Set(known.flatMap(({ effects }) => effects.levels.map(({ axis }) => axis)));
  if (axes.size === 0) return noEffects(comparisons.metrics);
  return {
    id: 'axes',
    title: texts.axes,
    body: html`${bars({
        title: texts.shares,
        howToRead: texts.howToReadShares,
        description: texts.describeShares,
        panels: [
          {
            title: texts.shareOfVariance,
            unit: '%',
            bars: known.map(({ metric, effects }) => ({ name: metric.label, parts: partsOf(effects) })),
          },
        ],
      })}
      <ul>
        ${known.flatMap(sentencesOf).map((sentence) => html`<li>${sentence}</li>`)}
      </ul>`,
  };
}

const isTrivial = ({ levels, residual_share }: Effects): boolean => levels.length === 1 && isAbsent(residual_share);

/** Where a study has axes but no shares, the reason stands in their place. */
function noEffects(metrics: readonly MetricComparison[]): MaybeSection {
  const reasons = new Set(metrics.flatMap(({ effects }) => (isAbsent(effects) ? [effects.reason] : [])));
  const isWorthwhile = metrics.some(({ entries }) => entries.length > 2);
  if (!isWorthwhile || reasons.size === 0) return null;
  return { id: 'axes', title: texts.axes, body: html`<p>${texts.noShares([...reasons])}</p>` };
}

function partsOf({ sources, higher_share, residual_share }: Effects): { name: string; value: number }[] {
  return [
    ...sources.map(({ axes, share }) => ({ name: axes.join(' × '), value: 100 * share })),
    ...(higher_share > 0 ? [{ name: texts.higherInteractions, value: 100 * higher_share }] : []),
    ...(isAbsent(residual_share) ? [] : [{ name: texts.betweenRepetitions, value: 100 * residual_share }]),
  ];
}

function sentencesOf({ metric, effects }: WithEffects): string[] {
  const levels = effects.levels.flatMap(({ axis, lowest, highest }) => {
    if (isAbsent(lowest.center) || isAbsent(highest.center)) return [];
    const { divisor, unit } = scaleOf(metric.unit, [lowest.center, highest.center]);
    const text = (center: number, level: string) =>
      `${numberText(center / divisor, 4)}${unit && ` ${unit}`} (${level})`;
    return [texts.levels(metric.label, axis, text(lowest.center, lowest.level), text(highest.center, highest.level))];
  });
  const together = effects.sources.filter(({ axes, matters }) => axes.length > 1 && matters);
  return [...levels, ...together.map(({ axes }) => texts.interaction(metric.label, axes))];
}
