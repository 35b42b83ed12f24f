import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { serveFiles } from '../../helpers/file-server.ts';
import { entry, sha256, someBytes, workspaceOf, write } from './workspace.ts';

beforeEach(() => {
  for (const name of ['HF_TOKEN', 'HF_ENDPOINT']) vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

const model = someBytes(300_000);

const fromServer = async (content = model) => {
  const server = await serveFiles({ '/models/tiny.gguf': content });
  const made = workspaceOf({ tiny: entry(model, { url: `${server.url}/models/tiny.gguf` }) });
  const place = join(made.cache, 'assets', sha256(model), 'tiny.gguf');
  return { ...made, server, place, part: `${place}.part` };
};

test('is fetched once, verified, and then used without a network', async () => {
  const { server, ready, place, lines, cache } = await fromServer();
  const asset = await ready('tiny');
  expect(asset).toMatchObject({ name: 'tiny', path: place, sha256: sha256(model), bytes: 300_000, licence: 'MIT' });
  expect(readFileSync(place).equals(model)).toBe(true);
  expect(lines[0]).toBe(`fetching asset tiny (300 kB, MIT) from ${server.url}/models/tiny.gguf`);
  expect(lines.at(-1)).toMatch(/^asset tiny: ready in \d+\.\d s$/);
  expect(readdirSync(join(place, '..'))).toEqual(['tiny.gguf']);
  server.close();
  const count = lines.length;
  expect(await ready('tiny')).toEqual(asset);
  expect(lines).toHaveLength(count);
  expect(server.requests).toHaveLength(1);
  expect(JSON.parse(readFileSync(join(cache, 'assets/hashes.json'), 'utf8'))).toHaveProperty([place]);
});

test('goes on where an earlier run left it', async () => {
  const { server, ready, part, place } = await fromServer();
  write(part, model.subarray(0, 120_000));
  await ready('tiny');
  expect(server.requests.map(({ range }) => range)).toEqual(['bytes=120000-']);
  expect(readFileSync(place).equals(model)).toBe(true);
});

test('goes on after a broken connection', async () => {
  const { server, ready, place, lines } = await fromServer();
  server.set({ breakAfter: 100_000, breaks: 2 });
  await ready('tiny');
  expect(readFileSync(place).equals(model)).toBe(true);
  expect(server.requests).toHaveLength(3);
  expect(server.requests[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(lines.filter((line) => line.includes('the connection broke, trying again'))).toHaveLength(2);
});

test('a stop keeps what came so far', async () => {
  const { server, ready, part } = await fromServer();
  server.set({ pieces: 30_000 });
  const stop = new AbortController();
  const ended = ready('tiny', stop.signal).then(
    () => 'it was fetched',
    (error: unknown) => String(error),
  );
  await vi.waitFor(() => expect(statSync(part).size).toBeGreaterThan(0), 30_000);
  stop.abort(new Error('stopped by a test'));
  expect(await ended).toBe('Error: stopped by a test');
  expect(statSync(part).size).toBeGreaterThan(0);
  server.set({});
  await ready('tiny');
  expect(server.requests.at(-1)!.range).toMatch(/^bytes=[1-9]\d*-$/);
});

test('starts anew with a server that knows no ranges, and with a part of other contents', async () => {
  const { server, ready, part, place } = await fromServer();
  write(part, model.subarray(0, 120_000));
  server.set({ ignoreRange: true });
  await ready('tiny');
  expect(readFileSync(place).equals(model)).toBe(true);

  const other = await fromServer();
  write(other.part, someBytes(120_000));
  await other.ready('tiny');
  expect(readFileSync(other.place).equals(model)).toBe(true);
  expect(other.server.requests.map(({ range }) => range)).toEqual(['bytes=120000-', null]);

  const longer = await fromServer();
  write(longer.part, someBytes(400_000));
  await longer.ready('tiny');
  expect(readFileSync(longer.place).equals(model)).toBe(true);
});

describe('what is not what the manifest says leaves nothing', () => {
  const message = async (content: Buffer, change = {}) => {
    const { server, ready, place, part } = await fromServer(content);
    server.set(change);
    const error = await ready('tiny').then(String, (reason: Error) => reason);
    expect([existsSync(place), existsSync(part)]).toEqual([false, false]);
    return String(error);
  };

  test('other contents', async () => {
    const other = someBytes(300_000);
    const text = await message(other);
    expect(text).toContain(`has the SHA-256 ${sha256(other)} instead of ${sha256(model)}`);
    expect(text).toContain('It changed there, or the entry is wrong');
  });

  test('more bytes, fewer bytes', async () => {
    expect(await message(someBytes(350_000))).toContain('has 350,000 bytes instead of 300,000');
    expect(await message(model, { shorten: 1000 })).toContain('has 299,000 bytes instead of 300,000');
  });
});

test.each([
  [404, 'answered 404. Correct the address'],
  [403, 'answered 403. Open it in a browser'],
])('the server says %i', async (status, text) => {
  const { server, ready } = await fromServer();
  server.set({ status });
  await expect(ready('tiny')).rejects.toThrow(text);
  expect(server.requests).toHaveLength(1);
});

test('a refusal keeps what an earlier run fetched: its token may have expired', async () => {
  const { server, ready, part, place } = await fromServer();
  write(part, model.subarray(0, 120_000));
  server.set({ status: 403 });
  await expect(ready('tiny')).rejects.toThrow('answered 403');
  expect(statSync(part).size).toBe(120_000);
  server.set({});
  await ready('tiny');
  expect(server.requests.map(({ range }) => range)).toEqual(['bytes=120000-', 'bytes=120000-']);
  expect(readFileSync(place).equals(model)).toBe(true);
});

test('no server at all: says how to go on', async () => {
  const { server, ready } = await fromServer();
  server.close();
  await expect(ready('tiny')).rejects.toThrow(/ECONNREFUSED.*Check the network and run again.*HTTPS_PROXY/);
});

test('two at once fetch once', async () => {
  const { server, ready, lines } = await fromServer();
  server.set({ pieces: 50_000 });
  const [first, second] = await Promise.all([ready('tiny'), ready('tiny')]);
  expect(first).toEqual(second);
  expect(server.requests).toHaveLength(1);
  expect(lines.filter((line) => /^asset tiny: another run fetches it \(pid \d+\)$/.test(line))).toHaveLength(1);
});

test('a damaged file in the cache is fetched anew', async () => {
  const { server, ready, place } = await fromServer();
  await ready('tiny');
  const damaged = Buffer.from(model);
  damaged[5] = damaged[5]! ^ 1;
  writeFileSync(place, damaged);
  await ready('tiny');
  expect(server.requests).toHaveLength(2);
  expect(readFileSync(place).equals(model)).toBe(true);
});

describe('from Hugging Face', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const config = Buffer.from('{"layers": 2}');
  const at = (path: string) => `/owner/tiny/resolve/${commit}/${path}`;

  test('a folder of files, with the token and the endpoint of the environment', async () => {
    const server = await serveFiles({ [at('config.json')]: config, [at('weights/a b.bin')]: model });
    vi.stubEnv('HF_ENDPOINT', `${server.url}/`);
    vi.stubEnv('HF_TOKEN', 'secret');
    const files = [
      { path: 'config.json', bytes: config.length, sha256: sha256(config) },
      { path: 'weights/a b.bin', bytes: model.length, sha256: sha256(model) },
    ];
    const source = { huggingface: { repo: 'owner/tiny', commit, files } };
    const { ready, cache } = workspaceOf({ folder: { description: 'd', licence: 'MIT', source } });
    server.set({ status: 401 });
    await expect(ready('folder')).rejects.toThrow(/answered 401.*HF_TOKEN/);
    server.set({});
    const asset = await ready('folder');
    expect(asset.bytes).toBe(config.length + model.length);
    expect(asset.path).toBe(join(cache, 'assets', asset.sha256, 'folder'));
    expect(readFileSync(join(asset.path, 'weights/a b.bin')).equals(model)).toBe(true);
    expect(server.requests.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);
    const count = server.requests.length;
    expect(await ready('folder')).toEqual(asset);
    expect(server.requests).toHaveLength(count);
    // The same files at an absolute path have the same hash.
    expect((await ready(asset.path)).sha256).toBe(asset.sha256);
  });

  test('files that were complete are not fetched again', async () => {
    const server = await serveFiles({ [at('config.json')]: config });
    vi.stubEnv('HF_ENDPOINT', server.url);
    const files = [
      { path: 'config.json', bytes: config.length, sha256: sha256(config) },
      { path: 'model.bin', bytes: model.length, sha256: sha256(model) },
    ];
    const source = { huggingface: { repo: 'owner/tiny', commit, files } };
    const { ready } = workspaceOf({ folder: { description: 'd', licence: 'MIT', source } });
    await expect(ready('folder')).rejects.toThrow(/model\.bin answered 404.*Correct `repo`, `commit` or `file`/);
    server.files.set(at('model.bin'), model);
    await ready('folder');
    expect(server.requests.map(({ path }) => path)).toEqual([at('config.json'), at('model.bin'), at('model.bin')]);
  });

  test('another server that it refers to goes on where it was, and gets no token', async () => {
    const store = await serveFiles({ [at('tiny.gguf')]: model });
    const server = await serveFiles({});
    server.set({ redirect: store.url });
    vi.stubEnv('HF_ENDPOINT', server.url);
    vi.stubEnv('HF_TOKEN', 'secret');
    const source = { huggingface: { repo: 'owner/tiny', commit, file: 'tiny.gguf' } };
    const { ready, cache } = workspaceOf({ one: entry(model, source) });
    write(join(cache, 'assets', sha256(model), 'tiny.gguf.part'), model.subarray(0, 1000));
    await ready('one');
    expect(server.requests).toEqual([expect.objectContaining({ authorization: 'Bearer secret' })]);
    expect(store.requests).toEqual([expect.objectContaining({ range: 'bytes=1000-', authorization: null })]);
  });

  test('a single file keeps its name', async () => {
    const server = await serveFiles({ [at('q/tiny.gguf')]: model });
    vi.stubEnv('HF_ENDPOINT', server.url);
    const { ready } = workspaceOf({
      one: entry(model, { huggingface: { repo: 'owner/tiny', commit, file: 'q/tiny.gguf' } }),
    });
    expect((await ready('one')).path).toMatch(/\/tiny\.gguf$/);
    expect(server.requests[0]!.authorization).toBe(null);
  });
});
