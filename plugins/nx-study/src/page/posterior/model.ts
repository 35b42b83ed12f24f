import { isAbsent } from '../../base/known.ts';
import type { JsonObject } from '../../base/json.ts';
import { facts } from '../../figures/blocks.ts';
import { sortableTable } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import { numberText } from '../../figures/numbers.ts';
import type { Payload } from '../../kinds/posterior/schema.ts';
import type { MaybeSection } from '../input.ts';
import { cellOf } from './cells.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** What was asked of which data, and how to read the page. */
export function modelSection({ all, readable, groups }: Subjects): MaybeSection {
  const payloads = all.flatMap(({ payload }) => (isAbsent(payload) ? [] : [payload]));
  const variables = [
    ...new Set(readable.flatMap(({ derived }) => derived.priors?.map(({ variable }) => variable) ?? [])),
  ];
  const isIdealPoint = readable.some(({ idealPoint }) => idealPoint !== null);
  const models = new Set(all.map(({ row }) => row.configuration['model']));
  return {
    id: 'posterior-model',
    title: texts.model,
    body: html`${isIdealPoint ? html`<p>${texts.idealPointModel}</p>` : null}${
        isIdealPoint && models.has('hierarchical') ? html`<p>${texts.hierarchicalModel}</p>` : null
      }
      ${facts(factsOf(payloads, readable))} ${variables.length === 0 ? null : priorsTable(readable, variables)}
      <h3>${texts.howToRead}</h3>
      <ul>
        ${[
          ...texts.reading,
          ...(isIdealPoint ? texts.readingPositions(groups.slice(0, 2).map(({ name }) => name)) : []),
        ].map((sentence) => html`<li>${sentence}</li>`)}
      </ul>`,
  };
}

/** Values that all have in common, or all of them. */
function factsOf(payloads: readonly Payload[], readable: readonly Subject[]): (readonly [string, string])[] {
  const distinct = (of: (payload: Payload) => string) => [...new Set(payloads.map(of))].join('; ');
  const members = readable[0]?.idealPoint?.parties?.members ?? {};
  if (payloads.length === 0) return [];
  return [
    [texts.observations, distinct(({ observations }) => numberText(observations))],
    ...Object.entries(readable[0]?.derived.basis ?? {}),
    ...(Object.keys(members).length === 0
      ? []
      : [
          [
            texts.members,
            Object.entries(members)
              .map(([party, count]) => `${party} ${count}`)
              .join(', '),
          ] as const,
        ]),
    [texts.freeParameters, distinct(({ parameters }) => numberText(parameters))],
    [texts.sampler, distinct(({ sampler }) => samplerText(sampler))],
    [
      texts.versions,
      distinct(({ versions }) =>
        Object.entries(versions)
          .map((pair) => pair.join(' '))
          .join(', '),
      ),
    ],
  ];
}

function samplerText({ name, chains, tune, draws, target_accept, max_treedepth }: Payload['sampler']): string {
  return [
    name,
    texts.chains(chains, draws, tune),
    ...(typeof target_accept === 'number' ? [texts.targetAccept(target_accept)] : []),
    ...(typeof max_treedepth === 'number' ? [texts.treeDepth(max_treedepth)] : []),
  ].join(', ');
}

const priorsTable = (readable: readonly Subject[], variables: readonly string[]) =>
  sortableTable({
    caption: texts.priorsTable,
    columns: [{ name: texts.experiment }, ...variables.map((name) => ({ name, text: true }))],
    rows: readable.map(({ name, isBaseline, derived }) => ({
      marked: isBaseline,
      cells: [
        name,
        ...variables.map((variable) => {
          const found = derived.priors?.find((one) => one.variable === variable);
          return found === undefined ? cellOf(null) : distributionText(found.prior);
        }),
      ],
    })),
  });

/** `lognormal(mu 0, sigma 0.5)`. */
export function distributionText({ distribution, ...parameters }: JsonObject): string {
  const inner = Object.entries(parameters).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const name = typeof distribution === 'string' ? distribution : texts.prior;
  return inner.length === 0 ? name : `${name}(${inner.join(', ')})`;
}
