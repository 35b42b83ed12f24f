import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import type { Facts } from './facts.ts';

/** What a rule is checked against, beside the machine. */
export interface Demand {
  worker: string;
  configuration: JsonObject;
  /** Threads that the worker may keep busy. */
  cpus: number;
}

/** Whether a machine does what a rule needs. */
export interface RuleResult {
  met: boolean;
  /** For a person: the need of the rule, and what was found. */
  needs: string;
  found: string;
  /** Advice where it isn't met. */
  way: string;
}

/** One kind of rule that a profile may have: what may be written, and how it is checked. */
export interface Rule<Shape extends z.ZodRawShape = z.ZodRawShape> {
  description: string;
  /** Set when waiting alone may change the result, so that it is checked only when a measurement could begin. */
  momentary?: true;
  need: Shape;
  check(need: z.infer<z.ZodObject<Shape>>, facts: Facts, demand: Demand): RuleResult | Promise<RuleResult>;
}

export const defineRule = <Shape extends z.ZodRawShape>(rule: Rule<Shape>): Rule<Shape> => rule;

/** Keys that every rule may have. */
export const shared = {
  level: z
    .enum(['refuse', 'warn'])
    .default('refuse')
    .describe('`refuse` measures nothing where the rule is not met; `warn` flags what is measured.'),
  message: z.string().min(1).optional().describe('What a person needs to know who meets this; part of no identity.'),
};
