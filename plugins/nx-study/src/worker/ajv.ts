import { Ajv2020 } from 'ajv/dist/2020.js';

/** The validator of workers' schemas (JSON Schema, draft 2020-12). What it does not know in a schema is an error: it may be misspelt. */
export const newAjv = ({ useDefaults }: { useDefaults: boolean }): Ajv2020 =>
  new Ajv2020({
    allErrors: true,
    verbose: true,
    useDefaults,
    discriminator: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    logger: false,
  });
