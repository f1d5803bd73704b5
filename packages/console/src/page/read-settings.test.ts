import { expect, test } from '@jest/globals';
import { parseSettings } from './read-settings.ts';

const deployed = {
  mode: 'registry',
  url: 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql',
  userPoolDomain: 'https://pool.auth.eu-west-1.amazoncognito.com/',
  clientId: 'client',
};

test('the program that serves the page, or a registry, is what it asks', () => {
  expect(parseSettings({ mode: 'host' })).toEqual({ mode: 'host' });
  expect(parseSettings({ ...deployed, stages: ['prod', 'dev'], history: true, more: 'ignored' })).toEqual({
    ...deployed,
    userPoolDomain: 'https://pool.auth.eu-west-1.amazoncognito.com',
    stages: ['prod', 'dev'],
    history: true,
  });
});

test.each<[string, unknown]>([
  ['it is not a JSON object', undefined],
  ['it is not a JSON object', null],
  ['mode must be host or registry', {}],
  ['url must be an https URL', { ...deployed, url: 'http://registry.example.com/graphql' }],
  ['userPoolDomain must be an https URL', { ...deployed, userPoolDomain: 'javascript:alert(1)' }],
  ['clientId is missing', { ...deployed, clientId: 1 }],
  ['stages must be a list of names', { ...deployed, stages: 'prod' }],
  ['history must be true or false', { ...deployed, history: 'yes' }],
])('settings that tokens could not be trusted to are refused: %s', (fault, settings) => {
  expect(() => parseSettings(settings)).toThrow(`The settings of this page can't be used: ${fault}.`);
});
