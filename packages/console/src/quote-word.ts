/** The text as one word of a POSIX shell's command line, in quotes. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same, with quotes only where the shell needs them. */
export function quoteWord(text: string): string {
  return /^[\w.:/@#-]+$/.test(text) ? text : quoteText(text);
}
