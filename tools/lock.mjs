// Completes package-lock.json after `npm install`: names no registry host, and lists the optional packages of other
// platforms, which npm leaves out when its registry doesn't have them, and without which `npm ci` refuses the lock.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rewrites the lock in `folder`; `adjust(name, entry)` may change the entry of each package. */
export function completeLock(folder, adjust = () => {}) {
  const file = join(folder, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  for (const found of Object.values(lock.packages)) if (found.resolved?.startsWith('http')) delete found.resolved;
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`;
      if (lock.packages[place] || !/^\d/.test(version)) continue;
      lock.packages[place] = { version, ...platformOf(name), ...(parent.dev && { dev: true }), optional: true };
    }
  }
  for (const [place, entry] of Object.entries(lock.packages)) adjust(place.split('node_modules/').at(-1), entry);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

const systems = ['darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'android', 'sunos', 'aix', 'openharmony'];
const processors = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];
const libraries = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl' };
const synonyms = { mac: 'darwin', win: 'win32', armv7l: 'arm' };

/** What npm needs to know not to install it elsewhere; the names of such packages say it. */
export function platformOf(name) {
  const words = name
    .split('/')
    .at(-1)
    .split('-')
    .map((word) => synonyms[word] ?? word);
  const one = (known) => known.filter((word) => words.includes(word));
  const [os, cpu] = [one(systems), one(processors)];
  const libc = words.flatMap((word) => libraries[word] ?? []);
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(libc.length > 0 && os[0] === 'linux' && { libc }),
    ...(os.length > 0 && { os }),
  };
}

if (import.meta.filename === process.argv[1]) completeLock(join(import.meta.dirname, '..'));
