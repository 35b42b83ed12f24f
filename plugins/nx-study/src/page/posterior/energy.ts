import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { lines } from '../../figures/lines.ts';
import type { LinesPanel } from '../../figures/lines.ts';
import { expandable } from '../../figures/blocks.ts';
import type { Subject } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';
import { sum } from '../../base/sum.ts';

/** The energy of each chain beside its change from draw to draw; where the change is much narrower, a chain moves too little. */
export function energyFigure(drawn: readonly Subject[]): Safe | null {
  const panels = drawn.flatMap(panelsOf);
  if (panels.length === 0) return null;
  return html`${expandable(
    texts.energyTitle,
    lines({ title: texts.energy, howToRead: texts.howEnergy, description: texts.describeEnergy, panels }),
  )}`;
}

function panelsOf({ name, derived }: Subject): LinesPanel[] {
  const energy = derived.convergence?.energy;
  if (!energy) return [];
  const { from, to, bins, marginal, transition } = energy;
  const width = (to - from) / bins;
  if (!(width > 0)) return [];
  const pointsOf = (counts: readonly number[]) => {
    const total = sum(counts);
    return counts.map((count, index) => ({
      x: from + (index + 0.5) * width,
      y: total > 0 ? count / total : null,
    }));
  };
  return marginal.map((counts, index) => ({
    title: `${name}, ${texts.chain(index + 1)}`,
    detail: ebfmiText(derived.ebfmi?.[index]),
    x: { label: texts.energyAxis },
    y: { label: texts.shareOfDraws },
    series: [
      { name: texts.marginal, points: pointsOf(counts) },
      { name: texts.transition, points: pointsOf(transition[index] ?? []) },
    ],
  }));
}

const ebfmiText = (value: number | null | undefined): string | undefined =>
  value === null || value === undefined ? undefined : `E-BFMI ${value.toFixed(2)}`;
