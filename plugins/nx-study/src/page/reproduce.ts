import { expandable, facts, preformatted } from '../figures/blocks.ts';
import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import type { JsonObject } from '../base/json.ts';
import { describeCombination } from '../base/words.ts';
import { measurementsOf } from '../state/rows.ts';
import { commitOf } from './names.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';
import { nxRun } from '../workspace/project.ts';

/** What is needed to measure the same again, and what the study left out. */
export function reproduceSection({ results, source }: PageInput): MaybeSection {
  const { study, rows, invalid, excluded, merged, unplanned } = results;
  const records = measurementsOf(rows).flatMap(({ stored }) => (stored === null ? [] : [stored.record]));
  const commits = [...new Set(records.map(commitOf))];
  const versions = new Set(records.flatMap(({ machine }) => softwareOf(machine) ?? []));
  const left = [
    ...invalid.map(({ worker, varied, reason }) => `${worker} ${describeCombination(varied)}: ${reason}`),
    ...(excluded > 0 ? [texts.excluded(excluded)] : []),
    ...merged.map(({ id, count }) => texts.merged(id, count)),
    ...(unplanned.measurements > 0 ? [texts.unplanned(unplanned.measurements)] : []),
  ];
  return {
    id: 'reproduce',
    title: texts.reproduce,
    body: html`${preformatted(commandsFor(study, commits), texts.commands)}
    ${facts([
      [texts.commit, commits.join(', ') || texts.unknown],
      [texts.measuredWith, [...versions].join('; ') || texts.unknown],
    ])}
    ${filesOf(source.files)} ${leftOut(left)}
    ${source.study === null ? null : expandable(source.studyFile, preformatted(source.study, source.studyFile))}`,
  };
}

const SOFTWARE = { nx_study: 'nx-study', nx: 'Nx', node: 'Node' };

/** Such as `nx-study 0.1.0, Nx 24.0.6, Node v20.20.2`; null where none of them is known. */
function softwareOf(machine: JsonObject): string | null {
  const known = Object.entries(SOFTWARE).flatMap(([key, name]) =>
    typeof machine[key] === 'string' ? [`${name} ${machine[key]}`] : [],
  );
  return known.length === 0 ? null : known.join(', ');
}

function commandsFor(study: string, commits: readonly string[]): string {
  const checkout = commits.length === 1 && /^[0-9a-f]{7,}$/.test(commits[0]!) ? [`git checkout ${commits[0]}`] : [];
  return [...checkout, `npx ${nxRun(study, 'measure')} && npx ${nxRun(study, 'report')}`].join('\n');
}

const filesOf = (files: PageInput['source']['files']): Safe =>
  html`<p>${texts.files}</p>
    <ul>
      ${files.map(([name, meaning]) => html`<li><a href="${name}">${name}</a>: ${meaning}</li>`)}
    </ul>`;

const leftOut = (left: readonly string[]): Safe | null =>
  left.length === 0
    ? null
    : html`<p>${texts.leftOut}</p>
        <ul>
          ${left.map((one) => html`<li>${one}</li>`)}
        </ul>`;
