import { countsOf } from '../../base/group-by.ts';
import { bars } from '../../figures/bars.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { samplesIn } from './samples.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

const SUCCESS = 'successful';

/** Requests that did not end as asked, by type; one sentence where all did. */
export function errorsOf(served: readonly Subject[]): Safe {
  const counted = served.map(({ name, rows }) => {
    const requests = samplesIn(rows).flatMap((of) => of.filter(({ sample }) => sample === 'request'));
    return { name, all: requests.length, types: failuresOf(requests.map(({ status }) => status ?? SUCCESS)) };
  });
  const all = counted.reduce((sum, one) => sum + one.all, 0);
  const failed = counted.filter(({ types }) => types.size > 0);
  if (failed.length === 0) return html`<p>${texts.allSucceeded(all)}</p>`;
  return bars({
    title: texts.errors,
    howToRead: texts.howToReadErrors,
    description: texts.describeErrors,
    panels: [
      {
        title: texts.errorsPanel,
        detail: texts.errorsDetail(counted.length - failed.length),
        unit: '%',
        bars: failed.map(({ name, all: requests, types }) => ({
          name: texts.failedRequests(name, requests, [...types]),
          parts: [...types].map(([type, count]) => ({ name: type, value: (100 * count) / requests })),
        })),
      },
    ],
  });
}

/** How many of each type, the most frequent first; successes aren't counted. */
function failuresOf(statuses: readonly string[]): Map<string, number> {
  const counts = countsOf(statuses.filter((status) => status !== SUCCESS));
  return new Map([...counts].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)));
}
