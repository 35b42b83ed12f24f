import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { identify } from '../../../../workers/endpoint/src/identify.ts';

/** A server that answers these paths with JSON, and any other with a page. */
async function serve(answers: Record<string, unknown>): Promise<URL> {
  const server = createServer((request, response) => {
    const answer = answers[request.url!];
    if (answer === undefined) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    else response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`);
}

test('the owner of the model names the engine; the version is where each server has it', async () => {
  const models = { data: [{ id: 'other' }, { id: 'm', owned_by: 'vllm' }] };
  const vllm = await serve({ '/v1/models': models, '/version': { version: '0.32.0' } });
  expect(await identify(vllm, 'm', {})).toEqual({ name: 'vllm', version: '0.32.0' });
  const llama = await serve({ '/v1/models': { data: [{ owned_by: 'llamacpp' }] }, '/props': { build_info: 'b7' } });
  expect(await identify(llama, 'm', {})).toEqual({ name: 'llamacpp', version: 'b7' });
});

test('a server that tells nothing, or is not there, is unknown', async () => {
  expect(await identify(await serve({}), 'm', {})).toEqual({ name: null, version: null });
  expect(await identify(new URL('http://127.0.0.1:9/v1/completions'), 'm', {})).toEqual({ name: null, version: null });
});
