import { canonicalJson } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import { flatten } from '../../tables/flatten.ts';
import { expandable } from '../../figures/blocks.ts';
import { sortableTable } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { MaybeSection } from '../input.ts';
import type { Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** All settings of the analysis: those that differ by experiment, then those that all share. */
export function parametersSection({ all }: Subjects): MaybeSection {
  const settings = all.map(
    ({ row: { configuration } }) =>
      new Map([...flatten(configuration, '')].map(([path, value]) => [path.slice(1), value] as const)),
  );
  const names = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const isShared = (name: string) => new Set(settings.map((one) => textOf(one.get(name)))).size === 1;
  const differing = names.filter((name) => !isShared(name));
  return {
    id: 'posterior-parameters',
    title: texts.parameters,
    body: html`${
      differing.length === 0
        ? null
        : sortableTable({
            caption: texts.differingTable,
            columns: [{ name: texts.experiment }, ...differing.map((name) => ({ name, text: true }))],
            rows: all.map(({ alternative }, index) => ({
              marked: alternative.isBaseline,
              cells: [alternative.name, ...differing.map((name) => textOf(settings[index]!.get(name)))],
            })),
          })
    }
    ${expandable(
      texts.sharedTable,
      sortableTable({
        caption: texts.sharedTable,
        columns: [{ name: texts.setting }, { name: texts.value, text: true }],
        rows: names.filter(isShared).map((name) => ({ cells: [name, textOf(settings[0]!.get(name))] })),
      }),
    )}`,
  };
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return texts.notSet;
  return typeof value === 'string' ? value : canonicalJson(value);
}
