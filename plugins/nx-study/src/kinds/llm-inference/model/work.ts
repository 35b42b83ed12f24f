import { absent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { modelTexts } from './texts.ts';
import type { AttentionLayer, TokenWork } from './types.ts';

interface Described {
  /** All weights that a token may pass, the table of input vectors included. */
  total: number;
  /** Vocabulary × length of a vector. */
  table: number;
  /** Whether the table is the output matrix as well, so that it is there once. */
  isTied: boolean;
  tableBytes: number | null;
  /** Of all experts among which a token chooses. */
  expertWeights: number;
  experts: number | null;
  /** Experts that a token passes. */
  used: number | null;
  attention: AttentionLayer[];
}

/**
 * The work of a token from the number of weights: each weight that it passes is one multiplication and one addition. Of experts
 * the chosen ones count: weights of all of them × used / experts.
 */
export function workOf(described: Described): TokenWork | Absent {
  const { total, table, isTied, tableBytes, expertWeights, experts, used, attention } = described;
  if (table === 0) return absent(modelTexts.noAttention);
  const isMixture = expertWeights > 0;
  if (isMixture !== (experts ?? 0) > 1 || (isMixture && !used)) return absent(modelTexts.experts);
  const idle = isMixture ? expertWeights * (1 - used! / experts!) : 0;
  return {
    weights: total - (isTied ? 1 : 2) * table - idle,
    output_weights: table,
    table_weights: isTied ? 0 : table,
    table_bytes: isTied ? 0 : tableBytes,
    isMixture,
    attention,
  };
}
