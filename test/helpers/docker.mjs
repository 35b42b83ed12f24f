// Answers as docker does; a container is a process of its own group that no signal to this client reaches.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [state, command, ...args] = process.argv.slice(2);
const folder = join(state, 'containers');
mkdirSync(folder, { recursive: true });
appendFileSync(join(state, 'asked'), `${[command, ...args].join(' ')}\n`);

const containers = () => readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
const valuesOf = (option) => args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []));
const fail = (message) => {
  console.error(message);
  process.exit(1);
};
const named = (name) =>
  containers().find(({ id, name: its }) => id === name || its === name) ??
  fail(`Error response from daemon: No such container: ${name}`);

if (command === '--version') console.log('Docker version 28.5.1, build e180ab8');
else if (command === 'image') console.log('sha256:0123');
else if (command === 'run') run();
else if (command === 'ps') {
  const filters = valuesOf('--filter').map((filter) => /^label=(.*?)=(.*)$/s.exec(filter).slice(1));
  for (const { id, labels } of containers())
    if (filters.every(([name, value]) => labels[name] === value)) console.log(id);
} else if (command === 'inspect') {
  const label = /\.Config\.Labels "(.*)"/.exec(valuesOf('--format')[0])[1];
  console.log(named(args.at(-1)).labels[label] ?? '<no value>');
} else if (command === 'rm') {
  const { name, pid } = named(args.at(-1));
  rmSync(join(folder, name));
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
} else fail(`docker: '${command}' is not a docker command.`);

function run() {
  const assigned = (name) =>
    args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  const [program] = valuesOf('--entrypoint');
  // After the entrypoint come the image and its arguments.
  const inside = args.slice(args.indexOf('--entrypoint') + 3);
  const pairs = (texts) => Object.fromEntries(texts.map((text) => /^(.*?)=(.*)$/s.exec(text).slice(1)));
  // As of a container in a virtual machine, nobody outside sees its environment.
  const env = pairs(valuesOf('--env').filter((text) => !text.startsWith('NX_STUDY_RUN=')));
  const [name] = assigned('name');
  const child = spawn(program, inside, {
    cwd: assigned('workdir')[0],
    env: { PATH: process.env.PATH, ...env },
    detached: true,
    stdio: 'ignore',
  });
  const id = createHash('sha256').update(name).digest('hex');
  writeFileSync(join(folder, name), JSON.stringify({ id, name, pid: child.pid, labels: pairs(assigned('label')) }));
  child.on('exit', (code, signal) => {
    rmSync(join(folder, name), { force: true });
    process.exit(signal ? 137 : code);
  });
}
