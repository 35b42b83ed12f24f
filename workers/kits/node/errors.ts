/** The measurement can't be done as asked; the message is for people. */
export class WorkerError extends Error {
  /** One of the protocol's failure types. */
  readonly type: 'crash' | 'oom' | 'unsupported' | 'environment' = 'crash';
}

/** This configuration can never work here: trying again changes nothing. */
export class Unsupported extends WorkerError {
  override readonly type = 'unsupported';
}

/** What it needs outside of itself isn't there, or refuses: a server, a key. Another try may find it. */
export class Unavailable extends WorkerError {
  override readonly type = 'environment';
}

/** Memory ran out, of the machine or of a device. */
export class OutOfMemory extends WorkerError {
  override readonly type = 'oom';
}
