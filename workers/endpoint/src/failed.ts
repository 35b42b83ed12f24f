import { WorkerError } from '../../kits/node/index.ts';
import type { RequestError } from './error.ts';
import { limitTexts } from './texts.ts';

/** Not one request of a series succeeded. */
export class FailedRequests extends WorkerError {
  override readonly type: WorkerError['type'];

  /** `isOwn`: the worker started the server, whose settings belong to the measurement. */
  constructor(count: number, first: RequestError, isOwn: boolean) {
    const who = count === 1 ? 'the request failed' : `all ${count} requests failed; the first`;
    const advice = isTooLong(first) ? limitTexts.shorter : adviceOn(first);
    super(`${who} (${first.type}): ${first.message}${advice && ` — ${advice}`}`);
    this.type = typeOf(first, isOwn);
  }
}

/**
 * `environment` where address, key or server are not as the study needs them: another run finds it in order once they
 * are. What a server of the measurement's own refuses it refuses again: `unsupported`.
 */
function typeOf({ type, status, code }: RequestError, isOwn: boolean): WorkerError['type'] {
  if (type === 'protocol') return 'environment';
  if (type === 'connection') return NOBODY_THERE.test(code ?? '') ? 'environment' : 'crash';
  if (type !== 'http-status' || status === null) return 'crash';
  if (isOwn && REFUSALS.has(status)) return 'unsupported';
  return status < 500 || BUSY.has(status) ? 'environment' : 'crash';
}

// No such host, nobody listens, no way there, no trust.
const NOBODY_THERE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EACCES|EPERM|EADDRNOTAVAIL|EPROTO|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/;
const REFUSALS = new Set([400, 413, 414, 422]);

/** Answers of a server that will take the same request later: it is loading, or busy. */
export const BUSY = new Set([429, 503]);

/** As vLLM, SGLang, TensorRT-LLM, llama-server and hosted APIs say that a prompt with its answer is longer than they take. */
const TOO_LONG =
  /context[ _](length|size|window)|max_model_len|max_num_tokens|max_seq_len|(prompt|input|sequence|request) (is )?too long|longer than the model|maximum (input|prompt|sequence) length/i;

const isTooLong = ({ type, status, message }: RequestError): boolean =>
  (type === 'server' || (type === 'http-status' && status !== null && REFUSALS.has(status))) && TOO_LONG.test(message);

function adviceOn({ type, status, code }: RequestError): string {
  if (type === 'connection')
    return code === 'ECONNREFUSED' ? 'nobody listens there: start the server, or correct `url`' : '';
  if (type === 'protocol') return 'see `url` and `api`: that is no server that streams';
  if (type !== 'http-status') return '';
  if (status === 401 || status === 403) return 'give the key by `api_key_env` or `header_env`';
  if (status === 404 || status === 405) return 'see `url`, `api` and `model`';
  if (status === 400 || status === 422)
    return 'leave out what the server refuses: `ignore_eos: false`, `body: {omit: …, rename: …}`, `extra_body`';
  return '';
}
