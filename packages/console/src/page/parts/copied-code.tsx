import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface CopiedCodeProps {
  readonly title: string;
  readonly code: string;
}

/** Code to copy. */
export function CopiedCode({ title, code }: CopiedCodeProps): JSX.Element {
  const [state, setState] = useState('');
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(code).then(
      () => setState('copied'),
      () => setState('the browser does not let this page copy'),
    );
  }
  return (
    <div class="code">
      <p>
        <span>{title}</span>{' '}
        <button type="button" class="link" aria-label={`Copy: ${title}`} onClick={() => void copy()}>
          copy
        </button>{' '}
        <span role="status" class="quiet">
          {state}
        </span>
      </p>
      <pre tabIndex={0}>{code}</pre>
    </div>
  );
}
