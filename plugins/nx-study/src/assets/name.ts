/** Whether a text may be the name of an entry in studies/assets.yaml: it is no path. */
export const isAssetName = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text);
