import { sortableTable } from '../../figures/data-table.ts';
import type { Row } from '../../figures/data-table.ts';
import type { Safe } from '../../figures/html.ts';
import { estimateCell, shareCell } from './cells.ts';
import type { PartyRates } from './ideal-point.ts';
import { posteriorPageTexts as texts } from './texts.ts';

interface Words {
  caption: string;
  /** Heads of the shares. */
  observed: string;
  replicated: string;
  /** Below the head of the latter. */
  detail?: string;
}

/** Each party's share of votes for the side that is coded as 1, as cast and as the model makes it; null without any. */
export function partyRatesTable(
  all: readonly { name: string; isBaseline: boolean; rates: PartyRates }[],
  { caption, observed, replicated, detail }: Words,
): Safe | null {
  const rows = all.flatMap(({ name, isBaseline, rates }) =>
    Object.entries(rates).map(([party, { observed_share, replicated_mean, replicated_eti90 }]): Row => ({
      marked: isBaseline,
      cells: [name, party, shareCell(observed_share), estimateCell(replicated_mean, replicated_eti90)],
    })),
  );
  if (rows.length === 0) return null;
  return sortableTable({
    caption,
    columns: [
      { name: texts.experiment },
      { name: texts.party, text: true },
      { name: observed },
      { name: replicated, ...(detail !== undefined && { detail }) },
    ],
    rows,
  });
}
