import { sortableTable } from '../../figures/data-table.ts';
import type { Cell, Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import { numberText } from '../../figures/numbers.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import { NOT_SENSITIVE } from '../../kinds/posterior/sensitivity.ts';
import type { Derived } from '../../kinds/posterior/schema.ts';
import type { MaybeSection } from '../input.ts';
import { withoutNote } from './cells.ts';
import type { Subject, Subjects } from './subjects.ts';
import { sensitivityTexts as texts } from './sensitivity-texts.ts';

type Scaled = Subject & { derived: Derived & { sensitivity: NonNullable<Derived['sensitivity']> } };

/** How far the quantities hang on the prior and on the data; only where a worker derives that. */
export function sensitivitySection(subjects: Subjects): MaybeSection {
  const { readable } = subjects;
  if (readable.every(({ derived }) => derived.sensitivity === undefined)) return null;
  const scaled = readable.filter((one): one is Scaled => Boolean(one.derived.sensitivity));
  const failed = readable.flatMap(({ name, derived }) =>
    derived.sensitivity === null
      ? [texts.failed(name, reasonOf(derived.reasons, 'sensitivity') ?? texts.noReason)]
      : [],
  );
  return {
    id: 'posterior-sensitivity',
    title: texts.title,
    body: html`${scaled.length === 0 ? null : html`<p>${texts.how(scaled[0]!.derived.sensitivity.threshold)}</p>`}
    ${
      scaled.length === 0
        ? null
        : sortableTable({
            caption: texts.table,
            columns: [
              { name: texts.experiment },
              { name: texts.quantity, text: true },
              { name: texts.prior },
              { name: texts.likelihood },
              { name: texts.diagnosis, text: true },
              { name: texts.scaledPriors, text: true },
            ],
            rows: scaled.flatMap(rowsOf),
          })
    }
    ${failed.map((sentence) => html`<p class="note">${sentence}</p>`)}
    ${withoutNote(subjects, ({ derived }) => derived.sensitivity !== undefined, texts.what)}`,
  };
}

const cellOf = (value: number, noise: number | undefined): Cell =>
  noise === undefined ? { value } : { value, detail: texts.chance(numberText(noise, 2)) };

function rowsOf({ name, isBaseline, derived: { sensitivity, estimates } }: Scaled): Row[] {
  const { potentials = [] } = sensitivity;
  return Object.entries(sensitivity.estimates).map(([quantity, { prior, likelihood, noise, diagnosis }]) => ({
    marked: isBaseline,
    cells: [
      name,
      estimates?.[quantity]?.label ?? quantity,
      cellOf(prior, noise?.prior),
      cellOf(likelihood, noise?.likelihood),
      diagnosis === NOT_SENSITIVE ? texts.nothing : diagnosis,
      {
        value: sensitivity.scaled_priors.join(', '),
        ...(potentials.length > 0 && { detail: texts.without(potentials) }),
      },
    ],
  }));
}
