import { describe, expect, test } from '@jest/globals';
import { checkAccount, nameAccountScope } from './check-account.ts';

const makeEvent = (account: string) => ({
  StackId: `arn:aws:cloudformation:eu-west-1:${account}:stack/users/0b1c`,
});

describe('the alias of an account', () => {
  test('takes events of stacks of that account', () => {
    expect(() => checkAccount(makeEvent('111122223333'), nameAccountScope('111122223333'))).not.toThrow();
  });

  test('refuses those of others, and says which token is theirs', () => {
    expect(() => checkAccount(makeEvent('444455556666'), 'account-111122223333')).toThrow(
      'Use the ServiceToken that ends in account-444455556666',
    );
    expect(() => checkAccount({ StackId: 'made up' }, 'account-111122223333')).toThrow('of another account');
  });

  test.each([undefined, 'team-users', 'account-1', 'account-111122223333-x', '7'])(
    'is no other: %s binds no account',
    (scope) => {
      expect(() => checkAccount(makeEvent('444455556666'), scope)).not.toThrow();
    },
  );
});
