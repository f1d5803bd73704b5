/**
 * The fenced blocks of a Markdown text: `language`, `code`, `line`, and the names that the block takes as given. Those
 * are in a comment before it, which no reader sees: `<!-- given: registry, outputs -->`.
 */
export function findMarkdownBlocks(text) {
  const blocks = [];
  let given = [];
  let open;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^ {0,3}(```+|~~~+)\s*([^\s`]*)/.exec(line);
    const comment = /^<!-- given: (.+) -->$/.exec(line.trim());
    if (open && fence?.[1].startsWith(open.fence) && fence[2] === '') {
      blocks.push({ language: open.language, code: open.lines.join('\n'), line: open.line, given });
      open = undefined;
      given = [];
    } else if (open) open.lines.push(line);
    else if (fence) open = { fence: fence[1], language: fence[2], lines: [], line: index + 1 };
    else if (comment) given = comment[1].split(',').map((name) => name.trim());
    else if (line.trim() !== '') given = [];
  }
  if (open) throw new Error(`line ${open.line}: the block is never closed`);
  return blocks;
}

/** The blocks of a TypeScript file's `@example`s. An example without a fenced block is one whose `code` is empty. */
export function findExampleBlocks(text) {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) => {
    const lines = comment.split('\n');
    const firstLine = text.slice(0, index).split('\n').length;
    return lines.flatMap((line, start) => {
      if (!/^\s*\*\s*@example\b/.test(line)) return [];
      const rest = lines.slice(start + 1).map((one) => one.replace(/^\s*\*( |\/$|$)/, ''));
      const end = rest.findIndex((one) => /^@\w/.test(one));
      const blocks = findMarkdownBlocks(rest.slice(0, end === -1 ? undefined : end).join('\n'));
      if (blocks.length === 0) return [{ language: 'ts', code: '', line: firstLine + start, given: [] }];
      return blocks.map((block) => ({ ...block, line: firstLine + start + block.line }));
    });
  });
}
