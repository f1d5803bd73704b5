/** What an SRV record says: RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** In lower case, without the last dot; empty for `.`: the service is not available. */
  readonly host: string;
}

/** The strings of a TXT record, a character for each byte, as they stand in a zone file. */
export function renderTxt(strings: readonly string[]): string {
  return strings.map((text) => `"${text.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, escapeByte)}"`).join(' ');
}

/** The strings of a TXT record in a zone file's words, a character for each byte. */
export function parseTxt(text: string): readonly string[] {
  const words = text.match(/"(?:[^"\\]|\\.)*"|(?:[^\s"\\]|\\.)+/gs) ?? [];
  return words.map((word) =>
    (word.startsWith('"') ? word.slice(1, -1) : word).replace(/\\(\d{3}|.)/gs, (_all, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
    ),
  );
}

export function renderSrv({ priority, weight, port, host }: SrvRecord): string {
  return `${priority} ${weight} ${port} ${host}.`;
}

/** Undefined for a text of another form. */
export function parseSrv(text: string): SrvRecord | undefined {
  const [, priority, weight, port, host = ''] = /^(\d{1,5})\s+(\d{1,5})\s+(\d{1,5})\s+(\S+)$/.exec(text) ?? [];
  if (priority === undefined) return undefined;
  return {
    priority: Number(priority),
    weight: Number(weight),
    port: Number(port),
    host: host.replace(/\.$/, '').toLowerCase(),
  };
}

function escapeByte(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
}
