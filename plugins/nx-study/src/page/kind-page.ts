import type { Section } from '../figures/page.ts';
import type { PageInput } from './input.ts';

/** What a kind of result adds to a page. */
export interface KindPage {
  kind: string;
  /** More experiments would make the page too large to be sent. */
  mostExperiments: number;
  /** Sentences of the answer that only the page has. */
  answer?: (input: PageInput) => string[];
  sections: (input: PageInput) => Section[];
}
