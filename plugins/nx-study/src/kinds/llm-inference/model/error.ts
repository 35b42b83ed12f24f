/** A model's header can't be read; the message names the file. */
export class ModelError extends Error {
  override name = 'ModelError';
}
