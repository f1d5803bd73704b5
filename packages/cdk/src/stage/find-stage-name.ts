/**
 * The stage that a branch or sandbox is: its name, with each run of characters that a stage can't have replaced by one
 * hyphen, without leading dots and hyphens, cut to 128 characters. `feature/login` becomes `feature-login`; undefined
 * when nothing is left.
 *
 * Two branches that end as the same stage don't overwrite each other: the second one's registration is refused.
 */
export function findStageName(branch: string): string | undefined {
  const stage = branch
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 128)
    .replace(/-+$/, '');
  return stage === '' ? undefined : stage;
}
