import { inferenceFindings as texts } from './texts.ts';
import { groupBy } from '../../base/group-by.ts';
import type { Finding } from '../../record/schema.ts';
import type { Fact, Measured } from '../kind.ts';

/** Facts: which server was asked, and the values that it reported about itself, as JSON. */
export const SERVER = 'server';
export const SERVER_TOLD = 'server_told';

type Told = Record<string, unknown>;

interface Asked {
  id: string;
  place: number;
  server: string;
  told: Told;
}

/**
 * Findings about measurements of one study that asked the same server. The server is no part of their identity, so it may have
 * changed between them. Returns a list for each measurement.
 */
export function serverChanges(measured: readonly Measured[]): Finding[][] {
  const findings = measured.map((): Finding[] => []);
  const asked = measured.flatMap(({ id, facts }, place): Asked[] => {
    const server = valueOf(facts, SERVER);
    const told = valueOf(facts, SERVER_TOLD);
    return server === null || told === null ? [] : [{ id, place, server, told: JSON.parse(told) as Told }];
  });
  for (const [server, group] of groupBy(asked, (one) => one.server)) {
    const changes = changesIn(group);
    if (changes.length === 0) continue;
    const finding = texts.serverChanged(server, changes);
    for (const { place } of group) findings[place]!.push(finding);
  }
  return findings;
}

const valueOf = (facts: readonly Fact[], name: string): string | null => {
  const value = facts.find((fact) => fact.name === name)?.value;
  return typeof value === 'string' ? value : null;
};

/** Keys for which the server reported different values to different measurements, with the ids for each value. */
function changesIn(group: readonly Asked[]): { key: string; values: { value: string; ids: string[] }[] }[] {
  const keys = [...new Set(group.flatMap(({ told }) => Object.keys(told)))];
  return keys.flatMap((key) => {
    const source = `${key.split(' ')[0]} `;
    const answered = group.filter(({ told }) => Object.keys(told).some((name) => name.startsWith(source)));
    const values = groupBy(answered, ({ told }) => JSON.stringify(told[key]) ?? 'not reported');
    if (values.size < 2) return [];
    return [{ key, values: [...values].map(([value, of]) => ({ value, ids: [...new Set(of.map(({ id }) => id))] })) }];
  });
}
