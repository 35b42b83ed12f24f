// A server with an OpenAI-compatible API whose timing is exactly known, in a process of its own: what else the tests do
// doesn't delay it. The first part of the path says how it behaves, as `name=value` joined by commas:
//
//     http://127.0.0.1:PORT/first=200,gap=25,per-chunk=2/v1
//
// first=100      ms from a request's arrival to the first chunk
// known=MS       the same for a prompt whose first 16 tokens (or words) were sent to this behaviour before
// gap=50         ms from chunk to chunk, on a schedule that doesn't drift
// per-chunk=1    tokens in each chunk
// at-once=1      chunks that are written together, when the last of them is due
// tokens=N       tokens produced; otherwise `max_tokens` of the request
// usage=final    final | none | running (with each chunk) | most (every third request has none)
// cached=1       usage tells the 16 tokens of a known prompt as cached
// finish=length  the finish reason; `none` leaves it out
// tail=0         ms from the last chunk to the end of the stream
// hold=1         the connection stays open after [DONE]
// status=503     the answer to every request; `status-first=N` to the first N only
// error-after=N  an error event instead of what follows chunk N; `cut-after=N` breaks the connection there
// fail-every=N   each Nth request is answered with status 500
// twice=1        each event of a response is sent twice
// slots=N        requests served at once, others wait in their order
//
// vectors=N      so many embeddings, whatever was asked for; `ragged=1`: the last one is shorter than the others
//
// `/v1/responses` has the events of the responses API; there `finish` is `length`, `stop` or `failed`. `/v1/embeddings` answers
// after `first` with vectors of 8 numbers.
//
// `GET /log` tells what each request saw, in s on this process's clock; `POST /told` (JSON) sets what `/version` and
// `/v1/models` tell from now on. `/metrics` counts as vLLM does.
import { createServer } from 'node:http';
import { responseForm } from './fake-responses.mjs';

const now_s = () => performance.now() / 1000;
const log = [];
const states = new Map();
let told = { version: '1.0.0', model: { max_model_len: 4096, root: 'm' } };

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const received_s = now_s();
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => answer(request, response, Buffer.concat(parts).toString(), received_s));
});

function answer(request, response, body, received_s) {
  const [, first = '', ...rest] = request.url.split('?')[0].split('/');
  const path = `/${rest.join('/')}`;
  const json = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  if (request.url === '/log') return json(log);
  if (request.url === '/told') return json((told = { ...told, ...JSON.parse(body) }));
  const behaviour = Object.fromEntries(first.split(',').map((part) => part.split('=')));
  const state = stateOf(first);
  if (path === '/version') return json({ version: told.version });
  if (path === '/v1/models')
    return json({ data: [{ id: 'm', owned_by: 'fake', created: Math.floor(Date.now()), ...told.model }] });
  if (path === '/metrics') return response.end(metricsOf(state));
  if (!/\/(completions|responses|embeddings)$/.test(path)) return response.writeHead(404).end();
  const isResponse = path.endsWith('/responses');
  const isEmbedding = path.endsWith('/embeddings');
  generate({
    behaviour,
    state,
    isResponse,
    isEmbedding,
    request,
    response,
    body: JSON.parse(body),
    received_s,
    name: first,
  });
}

function stateOf(name) {
  if (!states.has(name))
    states.set(name, { known: new Set(), requests: 0, free: Infinity, waiting: [], queries: 0, hits: 0 });
  return states.get(name);
}

const metricsOf = ({ queries, hits }) =>
  `# TYPE vllm:prefix_cache_queries_total counter\nvllm:prefix_cache_queries_total{engine="0",model_name="m"} ${queries}.0\n` +
  `# TYPE vllm:prefix_cache_hits_total counter\nvllm:prefix_cache_hits_total{engine="0",model_name="m"} ${hits}.0\n`;

function generate({ behaviour, state, isResponse, isEmbedding, request, response, body, received_s, name }) {
  const number = (key, standard) => (behaviour[key] === undefined ? standard : Number(behaviour[key]));
  const tokens = promptOf(body);
  const head = JSON.stringify(tokens.slice(0, 16));
  const isKnown = state.known.has(head);
  state.known.add(head);
  state.requests += 1;
  state.queries += tokens.length;
  if (isKnown) state.hits += Math.min(16, tokens.length);
  const entry = {
    name,
    received_s,
    connection: request.socket.remotePort,
    is_known: isKnown,
    prompt: tokens,
    messages: body.messages,
    writes: [],
    ended_s: null,
    body: { ...body, prompt: undefined, messages: undefined, input: undefined },
  };
  log.push(entry);
  const isRefused =
    state.requests <= number('status-first', behaviour.status === undefined ? 0 : Infinity) ||
    state.requests % number('fail-every', Infinity) === 0;
  if (isRefused) {
    const status = number('status', 500);
    entry.ended_s = now_s();
    return response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"refused"}}');
  }
  inTurn(state, number('slots', Infinity), (free) => {
    const first = isKnown ? number('known', number('first', 100)) : number('first', 100);
    if (isEmbedding) {
      const vectors = vectorsOf(number('vectors', body.input.length), behaviour.ragged);
      const usage = { prompt_tokens: tokens.length, total_tokens: tokens.length };
      const said = { object: 'list', model: 'm', data: vectors, ...(behaviour.usage !== 'none' && { usage }) };
      return setTimeout(() => {
        entry.ended_s = now_s();
        free();
        response.setHeader('content-type', 'application/json').end(JSON.stringify(said));
      }, first);
    }
    const total = number('tokens', body.max_tokens ?? body.max_output_tokens ?? 16);
    stream({
      behaviour,
      number,
      total,
      first,
      prompt: tokens.length,
      isKnown,
      isResponse,
      state,
      response,
      entry,
      free,
    });
  });
}

function vectorsOf(count, isRagged) {
  return Array.from({ length: count }, (_, index) => ({
    object: 'embedding',
    index,
    embedding: Array(isRagged && index === count - 1 ? 7 : 8).fill(0.25),
  }));
}

/** Waits for a slot, in the order of arrival. */
function inTurn(state, slots, serve) {
  if (state.free === Infinity) state.free = slots;
  const begin = () => {
    state.free -= 1;
    serve(() => {
      state.free += 1;
      state.waiting.shift()?.();
    });
  };
  if (state.free > 0) begin();
  else state.waiting.push(begin);
}

function stream({ behaviour, number, total, first, prompt, isKnown, isResponse, state, response, entry, free }) {
  const begin = performance.now();
  const perChunk = number('per-chunk', 1);
  const atOnce = number('at-once', 1);
  const chunks = Math.ceil(total / perChunk);
  const usageOf = (completion_tokens) => ({
    prompt_tokens: prompt,
    completion_tokens,
    total_tokens: prompt + completion_tokens,
    ...(behaviour.cached && { prompt_tokens_details: { cached_tokens: isKnown ? Math.min(16, prompt) : 0 } }),
  });
  const usage = behaviour.usage ?? 'final';
  const hasUsage = usage !== 'none' && !(usage === 'most' && state.requests % 3 === 0);
  const tokensAt = (index) => Math.min(total, (index + 1) * perChunk);
  const form = isResponse ? responseForm(behaviour.twice) : null;
  const eventOf = (index) => {
    const text = Array.from({ length: tokensAt(index) - index * perChunk }, () => ' the').join('');
    if (form) return form.piece(text);
    const choice = { index: 0, ...(!entry.messages && { text }), delta: { content: text }, finish_reason: null };
    return event({ model: 'm', choices: [choice], ...(usage === 'running' && { usage: usageOf(tokensAt(index)) }) });
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  if (form) response.write(form.begin());
  const at = (ms, work) => setTimeout(() => work(), Math.max(0, Math.ceil(begin + ms - performance.now())));
  const over = () => {
    entry.ended_s = now_s();
    free();
  };
  const finish = () => {
    const reason = behaviour.finish ?? 'length';
    if (form) {
      response.write(form.end(reason, hasUsage ? usageOf(total) : null));
      over();
      return behaviour.hold ? undefined : response.end();
    }
    const last =
      reason === 'none' ? '' : event({ choices: [{ index: 0, text: '', delta: {}, finish_reason: reason }] });
    const counts = hasUsage ? event({ model: 'm', choices: [], usage: usageOf(total) }) : '';
    response.write(`${last}${counts}data: [DONE]\n\n`);
    over();
    if (!behaviour.hold) response.end();
  };
  const write = (index) => {
    if (index === number('cut-after', -1)) return over() ?? response.destroy();
    if (index === number('error-after', -1)) {
      over();
      if (form) return response.end(form.error('the engine died'));
      return response.end(`${event({ error: { message: 'the engine died', code: 500 } })}data: [DONE]\n\n`);
    }
    const next = Math.min(chunks, index + atOnce);
    response.write(Array.from({ length: next - index }, (_, offset) => eventOf(index + offset)).join(''));
    entry.writes.push({ at_s: now_s(), tokens: tokensAt(next - 1) - index * perChunk, chunks: next - index });
    const written_ms = first + (next - 1) * number('gap', 50);
    if (next === chunks) at(written_ms + number('tail', 0), finish);
    else at(first + (Math.min(chunks, next + atOnce) - 1) * number('gap', 50), () => write(next));
  };
  at(first + (Math.min(chunks, atOnce) - 1) * number('gap', 50), () => write(0));
}

const event = (data) => `data: ${JSON.stringify({ id: 'x', object: 'text_completion', ...data })}\n\n`;

function promptOf({ prompt, messages, input }) {
  if (Array.isArray(prompt)) return prompt;
  if (Array.isArray(input)) return input.flatMap((one) => promptOf({ prompt: one }));
  return (prompt ?? input ?? messages.map(({ content }) => content).join(' ')).trim().split(/\s+/);
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
