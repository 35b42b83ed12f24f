import { CLIENT_DELAYED, CLIENT_SATURATED } from '../../kinds/llm-inference/load-findings.ts';
import type { Row } from '../../state/rows.ts';
import type { Subject } from './subjects.ts';

/** Whether the client was the limit, or others delayed it: the server may have more to give. */
export type ClientState = 'saturated' | 'delayed' | 'free';

export const clientOf = (rung: Pick<Subject, 'rows'>): ClientState =>
  hasAny(rung, CLIENT_SATURATED) ? 'saturated' : hasAny(rung, CLIENT_DELAYED) ? 'delayed' : 'free';

/** Rungs whose rate and times are those of the server. */
export const freeOfClient = <One extends Pick<Subject, 'rows'>>(rungs: readonly One[]): One[] =>
  rungs.filter((rung) => clientOf(rung) === 'free');

export const hasFinding = ({ findings }: Row, code: string): boolean => findings.some((one) => one.code === code);

export const hasAny = ({ rows }: Pick<Subject, 'rows'>, code: string): boolean =>
  rows.some((row) => hasFinding(row, code));
