import { z } from 'zod';
import { platformFileTexts as texts } from './texts.ts';
import { shared } from './rule.ts';
import { ruleNames, ruleOf } from './rules/index.ts';
import type { RuleName } from './rules/index.ts';

// Without one of these keys the rule would allow every machine: a mistake.
const NEEDED: Partial<Record<RuleName, string[]>> = { system: ['os', 'arch'], cores: ['least', 'most'] };

const ruleSchemas = Object.fromEntries(
  ruleNames.map((name) => {
    const { need, description } = ruleOf(name);
    const schema = z.strictObject({ ...need, ...shared }).describe(description);
    const keys = NEEDED[name];
    return [
      name,
      (keys ? schema.refine((rule) => keys.some((key) => key in rule), texts.either(keys)) : schema).optional(),
    ];
  }),
) as unknown as Record<RuleName, z.ZodOptional<z.ZodObject>>;

/** `studies/platforms/<name>.yaml`: what a study that names it demands of the machine. */
export const platformSchema = z.strictObject({
  description: z.string().nullable().default(null).describe('What kind of machine this is for.'),
  rules: z
    .strictObject(ruleSchemas)
    .refine((rules) => Object.keys(rules).length > 0, texts.noRules)
    .describe('What must hold, each rule once.'),
});

/** The JSON Schema (draft 7) of profiles, for editors. */
export const platformEditorSchema = (): object => ({
  ...z.toJSONSchema(platformSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }),
  title: 'A platform',
});
