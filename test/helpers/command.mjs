// Runs a command of a study as Nx would, but without Nx, which takes most of the time.
// Usage: node command.mjs STUDY:COMMAND [--json] [--width N] [--because WORDS], in a workspace whose workers need no other project
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, width: { type: 'string' }, because: { type: 'string' } },
});
const [study, command] = positionals[0].split(':');
const { default: run } = await import(`../../plugins/nx-study/dist/commands/${command}/executor.js`);
const options = { study, ...values, ...(values.width && { width: Number(values.width) }) };
const context = {
  root: process.cwd(),
  projectsConfigurations: { version: 2, projects: {} },
  projectGraph: { nodes: {}, dependencies: {} },
};
const { success } = await run(options, context);
process.exitCode = success ? 0 : 1;
