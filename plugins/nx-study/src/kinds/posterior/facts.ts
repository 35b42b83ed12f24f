import { z } from 'zod';
import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Fact } from '../kind.ts';
import type { Documents } from './definitions.ts';
import type { Derived, Payload } from './schema.ts';
import { sensitivityFacts } from './sensitivity.ts';
import { posteriorTexts as texts } from './texts.ts';

/** Facts beside the numbers; those of votes only where a worker tells them. */
export const factsOf = ({ payload, derived }: Documents): Fact[] => [
  ...constantFacts(derived),
  ...signFacts(derived),
  ...droppedFacts(payload),
  ...sensitivityFacts(derived),
];

/** Elements that R-hat and ESS leave out. */
function constantFacts(derived: Derived | Absent): Fact[] {
  if (isAbsent(derived)) return [];
  const left = Object.entries(derived.variables).flatMap(([name, { size, constant }]) =>
    constant > 0 ? [{ name, size, constant }] : [],
  );
  if (left.length === 0) return [];
  return [{ name: 'constant_elements', label: 'constant', value: texts.constantElements(left), main: false }];
}

const votesSchema = z.looseObject({ sign: z.looseObject({ split: z.boolean().nullable() }) });
const sectionsSchema = z.looseObject({ 'ideal-point': votesSchema });

/** Whether draws are on both sides of the scale, so that they are two mirrored solutions. */
function signFacts(derived: Derived | Absent): Fact[] {
  const { data } = sectionsSchema.safeParse(isAbsent(derived) ? null : derived['sections']);
  if (data === undefined) return [];
  return [{ name: 'sign_split', label: 'split sign', value: data['ideal-point'].sign.split, main: false }];
}

const rowsSchema = z.looseObject({ rows: z.looseObject({ dropped_without_votes: z.array(z.json()) }) });

/** Members who are left out because none of their votes is modelled. */
function droppedFacts(payload: Payload | Absent): Fact[] {
  const { data } = rowsSchema.safeParse(isAbsent(payload) ? null : payload.data);
  if (data === undefined) return [];
  const value = data.rows.dropped_without_votes.length;
  return [{ name: 'members_dropped', label: 'members dropped', value, main: false }];
}
