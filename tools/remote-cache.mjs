// A server for Nx's self-hosted remote cache, for tests: GET and PUT /v1/cache/<hash>, with a token. Prints where it listens,
// then one line for each request: method, status, hash.
// Usage: REMOTE_CACHE_TOKEN=… node tools/remote-cache.mjs <folder> [port]
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [folder, port = '0'] = process.argv.slice(2);
const token = process.env.REMOTE_CACHE_TOKEN;
if (!folder || !token) throw new Error('REMOTE_CACHE_TOKEN=… node tools/remote-cache.mjs <folder> [port]');
mkdirSync(folder, { recursive: true });
let uploads = 0;
const TEXTS = { 401: 'the token is wrong', 404: 'nothing there', 409: 'it is there already' };

async function answer(request, response) {
  const [, hash] = /^\/v1\/cache\/(\w+)$/.exec(request.url) ?? [];
  const status = await serve(hash, request, response);
  console.log(`${request.method} ${status} ${hash ?? request.url}`);
  // Nx shows the text of a refusal, and takes no other type of content for one.
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain' }).end(TEXTS[status]);
}

/** The status of the answer; what was found is sent already. */
async function serve(hash, request, response) {
  if (request.headers.authorization !== `Bearer ${token}`) return 401;
  if (hash === undefined) return 404;
  const file = join(folder, hash);
  if (request.method === 'PUT') return existsSync(file) ? 409 : receive(request, file);
  if (request.method !== 'GET') return 405;
  if (!existsSync(file)) return 404;
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  await pipeline(createReadStream(file), response);
  return 200;
}

/** An upload that breaks off leaves nothing behind. */
async function receive(request, file) {
  uploads += 1;
  const part = `${file}.${uploads}.part`;
  try {
    await pipeline(request, createWriteStream(part));
    renameSync(part, file);
    // Nx 24.0 takes 202 for a failure, and uploads once more.
    return 200;
  } catch {
    rmSync(part, { force: true });
    return 400;
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
