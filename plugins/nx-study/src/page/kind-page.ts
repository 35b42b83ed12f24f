import type { Section } from '../figures/page.ts';
import type { Compared, PageInput } from './input.ts';

/** What a kind of result adds to a page. */
export interface KindPage {
  kind: string;
  /** More experiments would make the page too large to be sent. */
  mostExperiments: number;
  /** Sentences of the answer that come before those of the comparisons. */
  answer?: (input: Compared) => string[];
  /** Whether its sections stand before the differences to the baseline: they answer the question. */
  isFirst: boolean;
  sections: (input: PageInput) => Section[];
}
