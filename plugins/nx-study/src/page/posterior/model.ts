import { z } from 'zod';
import { isAbsent } from '../../base/known.ts';
import { groupBy } from '../../base/group-by.ts';
import type { JsonObject } from '../../base/json.ts';
import { listed } from '../../base/layout.ts';
import type { Posterior } from '../../comparisons/posterior.ts';
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
  const variables = [
    ...new Set(readable.flatMap(({ derived }) => derived.priors?.map(({ variable }) => variable) ?? [])),
  ];
  const isIdealPoint = readable.some(({ idealPoint }) => idealPoint !== null);
  const models = new Set(all.map(({ row }) => row.configuration['model']));
  return {
    id: 'posterior-model',
    title: texts.model,
    body: html`${isIdealPoint ? html`<p>${texts.idealPointModel}</p>` : null}
      ${
        isIdealPoint
          ? Object.entries(texts.ofModel).map(([name, words]) => (models.has(name) ? html`<p>${words}</p>` : null))
          : null
      }
      ${facts(factsOf(all, readable))} ${variables.length === 0 ? null : priorsTable(readable, variables)}
      <h3>${texts.howToRead}</h3>
      <ul>
        ${[
          ...texts.reading,
          ...(isIdealPoint ? texts.readingPositions(groups.slice(0, 2).map(({ name }) => name)) : []),
        ].map((sentence) => html`<li>${sentence}</li>`)}
      </ul>`,
  };
}

/** Facts that all have in common, or each different one with the experiments that it is of. */
function factsOf(all: readonly Posterior[], readable: readonly Subject[]): (readonly [string, string])[] {
  const payloads = all.flatMap(({ alternative: { name }, payload }) => (isAbsent(payload) ? [] : [{ name, payload }]));
  if (payloads.length === 0) return [];
  const ofPayload = (of: (payload: Payload) => string) =>
    byValue(payloads.map(({ name, payload }) => ({ name, value: of(payload) })));
  const ofSubject = (of: (subject: Subject) => string | undefined) =>
    byValue(readable.map((subject) => ({ name: subject.name, value: of(subject) ?? texts.none })));
  const basis = [...new Set(readable.flatMap(({ derived }) => Object.keys(derived.basis ?? {})))];
  const hasMembers = readable.some((subject) => membersText(subject) !== undefined);
  return [
    [texts.observations, ofPayload(({ observations }) => numberText(observations))],
    ...basis.map((fact) => [fact, ofSubject(({ derived }) => derived.basis?.[fact])] as const),
    ...(hasMembers ? [[texts.members, ofSubject(membersText)] as const] : []),
    ...(payloads.some(({ payload }) => identificationOf(payload) !== undefined)
      ? [[texts.identification, ofPayload((payload) => identificationOf(payload) ?? texts.none)] as const]
      : []),
    [texts.freeParameters, ofPayload(({ parameters }) => numberText(parameters))],
    [texts.sampler, ofPayload(({ sampler }) => samplerText(sampler))],
    [
      texts.versions,
      ofPayload(({ versions }) =>
        Object.entries(versions)
          .map((pair) => pair.join(' '))
          .join(', '),
      ),
    ],
  ];
}

/** What the worker says is fixed, and why that is enough. */
function identificationOf({ notes }: Payload): string | undefined {
  const found = z.looseObject({ identification: z.string() }).safeParse(notes);
  return found.data?.identification;
}

function byValue(all: readonly { name: string; value: string }[]): string {
  const groups = [...groupBy(all, ({ value }) => value)];
  if (groups.length === 1) return groups[0]![0];
  return groups
    .map(
      ([value, of]) =>
        `${value} (${listed(
          of.map(({ name }) => name),
          MOST_NAMES,
        )})`,
    )
    .join('; ');
}

const MOST_NAMES = 4;

function membersText({ idealPoint }: Subject): string | undefined {
  const members = Object.entries(idealPoint?.parties?.members ?? {});
  return members.length === 0 ? undefined : members.map(([party, count]) => `${party} ${count}`).join(', ');
}

function samplerText({ name, chains, tune, draws, target_accept, max_treedepth }: Payload['sampler']): string {
  return [
    name,
    ...(chains === null || tune === null ? [] : [texts.chains(chains, draws, tune)]),
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
