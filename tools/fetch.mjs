// Fetches assets of studies/assets.yaml into the cache, unless they are there.
// Usage: node tools/fetch.mjs <asset> …
import { join } from 'node:path';
import { fetchAsset } from '../plugins/nx-study/dist/assets/fetch.js';
import { readAssets } from '../plugins/nx-study/dist/assets/manifest.js';

const workspaceRoot = join(import.meta.dirname, '..');
const { assets } = await readAssets(workspaceRoot);
for (const name of process.argv.slice(2))
  await fetchAsset(workspaceRoot, assets.get(name), { onProgress: console.log });
