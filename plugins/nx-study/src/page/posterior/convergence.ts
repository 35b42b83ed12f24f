import { sortableTable } from '../../figures/data-table.ts';
import type { Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { ranks } from '../../figures/ranks.ts';
import { orReason } from '../../kinds/evidence.ts';
import { variableValue } from '../../kinds/posterior/read.ts';
import type { MaybeSection } from '../input.ts';
import { cellOf, drawnNote, withoutNote } from './cells.ts';
import { energyFigure } from './energy.ts';
import { withNameOf } from './ideal-point.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';
import { sum } from '../../base/sum.ts';

/** Whether the chains agree, and whether they went everywhere. */
export function convergenceSection(subjects: Subjects): MaybeSection {
  const { readable, drawn } = subjects;
  if (readable.length === 0) return null;
  return {
    id: 'posterior-convergence',
    title: texts.convergence,
    body: html`${variablesTable(readable)} ${chainsTable(readable)} ${rankFigure(drawn)} ${energyFigure(drawn)}
    ${drawnNote(drawn.length, readable.length)}
    ${withoutNote(subjects, ({ derived }) => derived.convergence !== undefined, texts.whatConvergence)}`,
  };
}

const variablesTable = (readable: readonly Subject[]): Safe =>
  sortableTable({
    caption: texts.variablesTable,
    columns: [
      { name: texts.variable },
      { name: texts.experiment, text: true },
      { name: texts.elements },
      { name: 'R-hat', detail: texts.highest },
      { name: texts.bulkEss, detail: texts.lowest },
      { name: texts.tailEss, detail: texts.lowest },
      { name: texts.mcse, detail: texts.highest },
      { name: texts.gated, text: true },
    ],
    rows: readable.flatMap(({ name: experiment, derived }) =>
      Object.entries(derived.variables).map(([name, variable]) => ({
        cells: [
          name,
          experiment,
          {
            value: variable.size,
            ...(variable.constant > 0 && { detail: texts.constant(variable.constant) }),
          },
          rhatCell(variableValue(derived, name, variable, 'rhat_max')),
          ...(['ess_bulk_min', 'ess_tail_min'] as const).map((key) =>
            wholeCell(variableValue(derived, name, variable, key)),
          ),
          cellOf(variableValue(derived, name, variable, 'mcse_mean_max')),
          variable.gated ? texts.yes : texts.no,
        ],
      })),
    ),
  });

/** R-hat differs in its third decimal. */
function rhatCell(value: ReturnType<typeof variableValue>) {
  return typeof value === 'number' ? { value, shown: value.toFixed(4) } : cellOf(value);
}

const wholeCell = (value: ReturnType<typeof variableValue>) =>
  typeof value === 'number' ? cellOf(Math.round(value)) : cellOf(value);

/** Energy and divergences of each chain. */
function chainsTable(readable: readonly Subject[]): Safe {
  const chains = Math.max(
    ...readable.map(({ derived: { ebfmi, convergence, draws_kept } }) =>
      Math.max(ebfmi?.length ?? 0, convergence?.divergences.length ?? 0, draws_kept?.chains ?? 0),
    ),
  );
  const each = Array.from({ length: chains }, (_, index) => index);
  return sortableTable({
    caption: texts.chainsTable,
    columns: [
      { name: texts.experiment },
      { name: texts.draws },
      ...each.map((index) => ({ name: texts.chain(index + 1), detail: texts.ebfmiAndDivergences })),
      { name: texts.divergences },
      { name: texts.treeLimit },
    ],
    rows: readable.map(({ name, isBaseline, derived }): Row => {
      const { ebfmi, convergence, divergences, draws_kept, tree_depth, reasons } = derived;
      return {
        marked: isBaseline,
        cells: [
          name,
          cellOf(draws_kept && draws_kept.chains * draws_kept.draws),
          ...each.map((index) => ({
            ...cellOf(orReason(ebfmi?.[index], reasons, `ebfmi.${index}`)),
            ...(convergence?.divergences[index] !== undefined && {
              detail: texts.diverged(convergence.divergences[index]),
            }),
          })),
          cellOf(orReason(divergences, reasons, 'divergences')),
          cellOf(orReason(tree_depth?.at_limit, reasons, 'tree_depth.at_limit')),
        ],
      };
    }),
  });
}

/** 99 of 100 bins of independent draws lie within 2.58 standard deviations of a binomial count. */
const BAND = 2.576;

function rankFigure(drawn: readonly Subject[]): Safe | null {
  const panels = drawn.flatMap(({ name, derived, idealPoint }) =>
    (derived.convergence?.ranks ?? []).flatMap(({ label, bins, counts }) => {
      const total = sum(counts.flat());
      const expected = total / (bins * counts.length);
      if (!(expected > 0)) return [];
      const half = BAND * Math.sqrt(expected * (1 - 1 / bins));
      return [
        {
          title: withNameOf(label, idealPoint),
          detail: name,
          chains: counts.map((of, index) => ({ name: texts.chain(index + 1), counts: of })),
          expected,
          band: { low: Math.max(0, expected - half), high: expected + half },
        },
      ];
    }),
  );
  if (panels.length === 0) return null;
  return ranks({ title: texts.ranks, howToRead: texts.howRanks, description: texts.describeRanks, panels });
}
