export const apiTexts = {
  noWorkspace: (root: string) => `${root} is no Nx workspace: it has no nx.json. Give the root as \`workspaceRoot\`.`,
};
