import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The relative links of a Markdown file that lead nowhere: no such file, or no such heading in it. */
export function findLinkFaults({ path, text }) {
  const prose = removeCode(text);
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .flatMap((target) => {
      const [file, anchor] = target.split('#');
      const found = file === '' ? path : join(dirname(path), decodeURIComponent(file));
      if (!existsSync(found)) return [`${path}: there is no ${target}`];
      if (anchor === undefined || statSync(found).isDirectory() || !found.endsWith('.md')) return [];
      return listAnchors(found === path ? text : readFileSync(found, 'utf8')).includes(anchor)
        ? []
        : [`${path}: ${target}: there is no such heading`];
    });
}

/** Headings as GitHub links to them. */
export function listAnchors(text) {
  const seen = new Map();
  return [...removeCode(text, false).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

function removeCode(text, alsoInline = true) {
  const prose = text.replace(/^ {0,3}(```+|~~~+)[\s\S]*?^ {0,3}\1\s*$/gm, '');
  return alsoInline ? prose.replace(/`[^`\n]*`/g, '') : prose;
}
