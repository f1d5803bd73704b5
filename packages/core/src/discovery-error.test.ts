import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createWriterError } from './create-writer-error.ts';
import { DiscoveryError, isDiscoveryError, type DiscoveryErrorCode } from './discovery-error.ts';

/** Every code, and whether the same call may succeed later. The compiler keeps it complete. */
const retryable: Record<DiscoveryErrorCode, boolean> = {
  InvalidOptions: false,
  InvalidRecord: false,
  InvalidPath: false,
  ServiceNotFound: false,
  UntrustedEndpoint: false,
  CredentialsMissing: false,
  RegistryUnavailable: true,
  RegistryDenied: false,
  RegistryOutdated: false,
  ClockSkewed: false,
  RegistrationConflict: false,
  ServiceFrozen: false,
  ConcurrentChange: true,
  StorageFailed: false,
  SignatureInvalid: false,
  BucketUnavailable: true,
  BucketDenied: false,
  SigningKeyUnavailable: true,
  SigningKeyDenied: false,
  SigningKeyUnusable: false,
  EdgeStoreUnavailable: true,
  EdgeStoreDenied: false,
};

describe('DiscoveryError', () => {
  test.each(Object.entries(retryable))('%s carries advice and says whether to try again', (code, expected) => {
    const error = createWriterError(code as DiscoveryErrorCode, 'what was asked');
    expect(error.recoverySuggestion).toMatch(/^[A-Z].{15,}\.$/);
    expect(error.retryable).toBe(expected);
  });

  test('keeps what it is given, the cause included', () => {
    const cause = new Error('socket closed');
    const error = new DiscoveryError('RegistryUnavailable', 'No answer', { service: 'users', stage: 'dev', cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'DiscoveryError', message: 'No answer', service: 'users', stage: 'dev' });
    expect(error.cause).toBe(cause);
    expect(`${error}`).toBe('DiscoveryError: No answer');
  });

  test('has no cause where there is none', () => {
    expect('cause' in new DiscoveryError('InvalidPath', 'x', { service: 'users' })).toBe(false);
  });

  test('is described in the README, code by code', () => {
    const readme = readFileSync('packages/core/README.md', 'utf8').replaceAll(/ +/g, ' ');
    for (const code of Object.keys(retryable)) {
      const { recoverySuggestion } = createWriterError(code as DiscoveryErrorCode, '');
      expect(readme).toContain(
        `| \`${code}\` | ${retryable[code as DiscoveryErrorCode] ? 'yes' : 'no'} | ${recoverySuggestion} |`,
      );
    }
  });
});

describe('isDiscoveryError', () => {
  test('recognises the error of another copy of the package', async () => {
    let other: typeof DiscoveryError = DiscoveryError;
    await jest.isolateModulesAsync(async () => {
      other = (await import('./discovery-error.ts')).DiscoveryError;
    });
    const error = new other('InvalidPath', 'x');
    expect(isDiscoveryError(error)).toBe(true);
  });

  test.each([
    [undefined],
    [null],
    ['DiscoveryError'],
    [new Error('x')],
    [{ name: 'DiscoveryError', code: 'InvalidPath' }],
  ])('is false for %p', (value) => {
    expect(isDiscoveryError(value)).toBe(false);
  });
});
