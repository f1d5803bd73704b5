/** Makes an element with properties and children. Text stays text: what services answer is never taken for markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Puts children in place of what the element with this id holds. */
export function replaceChildren(id: string, children: Node[]): void {
  document.getElementById(id)?.replaceChildren(...children);
}
