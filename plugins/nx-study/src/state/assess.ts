import { evaluateGates, verdictOf } from '../kinds/gates.ts';
import type { GateResult, Verdict } from '../kinds/gates.ts';
import { findKind } from '../kinds/index.ts';
import type { Fact, Judging, Kind, Metric } from '../kinds/kind.ts';
import { isMeasured } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { Finding } from '../record/schema.ts';
import {
  derivedEarlier,
  notDerived,
  uncheckedResult,
  unexpectedSuccess,
  unknownKindFinding,
  unreadableResult,
} from './findings.ts';

/** What a result says of one part of what was measured, computed at this reading. */
export interface Assessment {
  part: PartPosition;
  metrics: Metric[];
  facts: Fact[];
  gates: GateResult[];
  /** null without gates, and without a result. */
  verdict: Verdict | null;
  /** Whether a gate lets more pass than its default. */
  relaxed: boolean;
  /** What a reader must know before using the numbers. */
  findings: Finding[];
}

/** Which part of its measurement a row is. */
export interface PartPosition {
  /** null where there is but one, without a name. */
  name: string | null;
  /** From 0. */
  index: number;
  of: number;
}

/** Reads metrics, facts, gates and findings out of an attempt, for each of its parts. Only a measured one has numbers. */
export function assess(
  stored: Stored | null,
  expect: 'failed' | null,
  judging: Judging,
  /** Hash of the worker's deriving code as it is now; null when it derives nothing. */
  deriving: string | null,
): Assessment[] {
  const none: Assessment = {
    part: { name: null, index: 0, of: 1 },
    metrics: [],
    facts: [],
    gates: [],
    verdict: null,
    relaxed: false,
    findings: stored?.record.findings ?? [],
  };
  if (stored === null || !isMeasured(stored)) return [none];
  const kind = findKind(stored.record.kind);
  if (!kind) return [{ ...none, findings: [...none.findings, unknownKindFinding(stored.record.kind)] }];
  const general = problems(kind, stored, expect, deriving);
  return kind.workloads(stored, judging).map(({ name, place, metrics, facts, findings }, index, { length }) => {
    const gates = evaluateGates(kind.gates, metrics, judging.gates);
    return {
      part: { name, index, of: length },
      metrics,
      facts,
      gates,
      verdict: verdictOf(gates),
      relaxed: gates.some((gate) => gate.relaxed),
      findings: distinct([...none.findings, ...findings, ...general].filter((finding) => isAbout(place, finding))),
    };
  });
}

function problems(
  kind: Kind,
  { record, result, derived }: Stored,
  expect: 'failed' | null,
  deriving: string | null,
): Finding[] {
  const findings: Finding[] = [];
  if (expect === 'failed') findings.push(unexpectedSuccess);
  if (result === null || !kind.payload.safeParse(result.payload).success) findings.push(unreadableResult(kind.name));
  if (!record.files.some(({ path }) => path === 'result.json')) findings.push(uncheckedResult);
  if (kind.derived && (derived === null || derived.outcome === 'failed'))
    findings.push(notDerived(derived?.message ?? null));
  else if (derived && deriving !== null && derived.deriving !== deriving) findings.push(derivedEarlier);
  return findings;
}

/** A warning that names a workload by its place says nothing of the others. */
function isAbout(place: number | undefined, { message }: Finding): boolean {
  const named = /^workload (\d+): /.exec(message)?.[1];
  return place === undefined || named === undefined || Number(named) === place;
}

const distinct = (findings: Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [`${finding.code}\n${finding.message}`, finding])).values(),
];
