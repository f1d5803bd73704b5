import { expect, test } from '@jest/globals';
import { resolveIntrinsics } from './resolve-intrinsics.ts';

const values = { Env: 'dev', 'Api.RootUrl': 'https://x.example/prod', 'AWS::Region': 'eu-west-1', Nothing: '' };

test('replaces references wherever they are', () => {
  const template = {
    Stage: { Ref: 'Env' },
    Target: { 'Fn::GetAtt': ['Api', 'RootUrl'] },
    Short: { 'Fn::GetAtt': 'Api.RootUrl' },
    Url: { 'Fn::Sub': 'https://${Env}.${AWS::Region}.example/${!literal}' },
    Own: { 'Fn::Sub': ['${Name}-${Env}', { Name: { Ref: 'AWS::Region' } }] },
    Joined: { 'Fn::Join': ['-', ['a', { Ref: 'Env' }, { Ref: 'Nothing' }]] },
    Listed: { 'Fn::Join': [';', { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }] },
    Chosen: { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }] },
    Deep: [{ Metadata: { team: { Ref: 'Env' } } }],
  };
  expect(resolveIntrinsics(template, values)).toEqual({
    Stage: 'dev',
    Target: 'https://x.example/prod',
    Short: 'https://x.example/prod',
    Url: 'https://dev.eu-west-1.example/${literal}',
    Own: 'eu-west-1-dev',
    Joined: 'a-dev-',
    Listed: 'eu;west;1',
    Chosen: 'west',
    Deep: [{ Metadata: { team: 'dev' } }],
  });
});

test('makes text of numbers and booleans, and leaves out what has no value', () => {
  expect(resolveIntrinsics({ Weight: 5, Takeover: true, Tenant: { Ref: 'AWS::NoValue' } }, {})).toEqual({
    Weight: '5',
    Takeover: 'true',
  });
});

test('refuses a reference that the test gives no value for', () => {
  expect(() => resolveIntrinsics({ a: { Ref: 'Missing' } }, values)).toThrow('asks for Missing');
  expect(() => resolveIntrinsics({ 'Fn::Sub': '${Api.Id}' }, values)).toThrow('asks for Api.Id');
});
