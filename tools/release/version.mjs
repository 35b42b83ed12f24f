// Writes a new version where this repository has it, for `nx release`. Nx's own way is in @nx/js, which nothing else here needs.
import { VersionActions } from 'nx/release/index.js';

const MANIFESTS = ['plugins/nx-study/package.json', 'package.json'];
const LOCK = 'package-lock.json';
const CHANGELOG = 'CHANGELOG.md';
const NEXT = '## Unreleased\n';

export default class Version extends VersionActions {
  validManifestFilenames = ['package.json'];

  async readCurrentVersionFromSourceManifest(tree) {
    return { currentVersion: JSON.parse(tree.read(MANIFESTS[0], 'utf8')).version, manifestPath: MANIFESTS[0] };
  }

  async readCurrentVersionFromRegistry() {
    return null;
  }

  async readCurrentVersionOfDependency() {
    return { currentVersion: null, dependencyCollection: null };
  }

  async updateProjectVersion(tree, version) {
    for (const file of MANIFESTS) edit(tree, file, (manifest) => (manifest.version = version));
    edit(tree, LOCK, (lock) => {
      lock.version = version;
      for (const place of ['', 'plugins/nx-study']) lock.packages[place].version = version;
    });
    const changelog = tree.read(CHANGELOG, 'utf8');
    if (!changelog.includes(NEXT)) throw new Error(`${CHANGELOG} has no part "${NEXT.trim()}" to release`);
    tree.write(CHANGELOG, changelog.replace(NEXT, `${NEXT}\n## ${version}\n`));
    return [`${version} stands in ${[...MANIFESTS, LOCK, CHANGELOG].join(', ')}`];
  }

  async updateProjectDependencies() {
    return [];
  }
}

function edit(tree, file, change) {
  const content = JSON.parse(tree.read(file, 'utf8'));
  change(content);
  tree.write(file, `${JSON.stringify(content, null, 2)}\n`);
}
