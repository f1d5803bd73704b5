import type { JSX } from 'preact';
import type { ConsoleError } from '../console-client.ts';
import { Text } from './text.tsx';

interface ProblemProps {
  readonly error: ConsoleError;
  readonly onRetry?: (() => void) | undefined;
}

/** What went wrong, and what to do. */
export function Problem({ error, onRetry }: ProblemProps): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>
        <Text value={error.message} />
      </p>
      {error.advice !== undefined && (
        <p>
          <Text value={error.advice} />
        </p>
      )}
      {onRetry && error.code !== 'SessionUnknown' && (
        <button type="button" onClick={onRetry}>
          {isSignIn(error) ? 'Sign in' : 'Try again'}
        </button>
      )}
    </div>
  );
}

function isSignIn({ code }: ConsoleError): boolean {
  return code === 'SignInRefused' || code === 'SignedOut';
}
