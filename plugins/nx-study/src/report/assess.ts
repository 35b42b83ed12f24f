import {
  derivedEarlier,
  notDerived,
  unexpectedSuccess,
  unknownKindFinding,
  unreadableResult,
} from '../errors/report.ts';
import { evaluateGates, verdictOf } from '../kinds/gates.ts';
import type { GateResult, Verdict } from '../kinds/gates.ts';
import { findKind } from '../kinds/index.ts';
import type { Kind, Metric } from '../kinds/kind.ts';
import type { Stored } from '../record/read.ts';
import type { Finding } from '../record/schema.ts';

/** What a result says, computed at this reading. */
export interface Assessment {
  metrics: Metric[];
  gates: GateResult[];
  /** null without gates, and without a result. */
  verdict: Verdict | null;
  /** Whether a gate lets more pass than its default. */
  relaxed: boolean;
  /** What a reader must know before using the numbers. */
  findings: Finding[];
}

/** Reads metrics, gates and findings out of an attempt. Only a measured one has numbers. */
export function assess(
  stored: Stored | null,
  expect: 'failed' | null,
  thresholds: Readonly<Record<string, number>>,
  /** Hash of the worker's deriving code as it is now; null when it derives nothing. */
  deriving: string | null,
): Assessment {
  const none = { metrics: [], gates: [], verdict: null, relaxed: false, findings: stored?.record.findings ?? [] };
  if (stored?.record.outcome !== 'measured') return none;
  const kind = findKind(stored.record.kind);
  if (!kind) return { ...none, findings: [...none.findings, unknownKindFinding(stored.record.kind)] };
  const metrics = kind.metrics(stored);
  const gates = evaluateGates(kind.gates, metrics, thresholds);
  return {
    metrics,
    gates,
    verdict: verdictOf(gates),
    relaxed: gates.some((gate) => gate.relaxed),
    findings: distinct([...none.findings, ...kind.warnings(stored), ...problems(kind, stored, expect, deriving)]),
  };
}

function problems(
  kind: Kind,
  { result, derived }: Stored,
  expect: 'failed' | null,
  deriving: string | null,
): Finding[] {
  const findings: Finding[] = [];
  if (expect === 'failed') findings.push(unexpectedSuccess);
  if (result === null || !kind.payload.safeParse(result.payload).success) findings.push(unreadableResult(kind.name));
  if (kind.derived && (derived === null || derived.outcome === 'failed'))
    findings.push(notDerived(derived?.message ?? null));
  else if (derived && deriving !== null && derived.deriving !== deriving) findings.push(derivedEarlier);
  return findings;
}

const distinct = (findings: Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [`${finding.code}\n${finding.message}`, finding])).values(),
];
