import { isDisturbed } from '../../comparisons/answer.ts';
import type { KindPage } from '../kind-page.ts';
import { latenciesSection } from './latencies.ts';
import { loadAnswer, loadSection } from './load.ts';
import { resourcesSection } from './resources.ts';
import { sizesSection } from './sizes.ts';
import { KIND, subjectsOf } from './subjects.ts';
import { tradeOffAnswer, tradeOffSection } from './trade-off.ts';

/** Language models: throughput against latency, sizes, load, latencies, memory and energy. */
export const llmPage: KindPage = {
  kind: KIND,
  mostExperiments: 100,
  isFirst: false,
  answer: (input) => {
    const rows = subjectsOf(input).flatMap((subject) => subject.rows);
    // What other work disturbed is no answer; the page says so before anything else.
    if (rows.filter(isDisturbed).length > rows.length / 2) return [];
    return [...loadAnswer(input), ...tradeOffAnswer(input)];
  },
  sections: (input) =>
    [tradeOffSection, sizesSection, loadSection, latenciesSection, resourcesSection].flatMap(
      (section) => section(input) ?? [],
    ),
};
