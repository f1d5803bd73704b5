import { describe, expect, test } from '@jest/globals';
import { applyConditions } from './apply-conditions.ts';

const template = {
  Conditions: {
    IsOn: { 'Fn::Equals': [{ Ref: 'switch' }, 'on'] },
    IsOff: { 'Fn::Not': [{ Condition: 'IsOn' }] },
    Always: { 'Fn::Or': [{ Condition: 'IsOn' }, { Condition: 'IsOff' }] },
    Never: { 'Fn::And': [{ Condition: 'IsOn' }, { Condition: 'IsOff' }] },
  },
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket', Condition: 'IsOn' },
    Other: { Type: 'AWS::S3::Bucket', Condition: 'Never' },
    Function: {
      Type: 'AWS::Lambda::Function',
      Condition: 'Always',
      Properties: {
        Name: { 'Fn::If': ['IsOn', { Ref: 'Bucket' }, { Ref: 'AWS::NoValue' }] },
        Tags: [{ 'Fn::If': ['IsOn', 'one', { Ref: 'AWS::NoValue' }] }, 'two'],
        Mode: { 'Fn::If': ['IsOff', { 'Fn::If': ['Always', 'off', 'x'] }, 'on'] },
      },
    },
  },
  Outputs: { Name: { Condition: 'IsOn', Value: { Ref: 'Bucket' } } },
};

describe('what is deployed', () => {
  test('with the condition is all of it, without a word of conditions', () => {
    expect(applyConditions(template, { switch: 'on' })).toEqual({
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket' },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: { Name: { Ref: 'Bucket' }, Tags: ['one', 'two'], Mode: 'on' },
        },
      },
      Outputs: { Name: { Value: { Ref: 'Bucket' } } },
    });
  });

  test('without it is the rest, and no value is no property and no entry', () => {
    expect(applyConditions(template, { switch: 'off' })).toEqual({
      Resources: { Function: { Type: 'AWS::Lambda::Function', Properties: { Tags: ['two'], Mode: 'off' } } },
      Outputs: {},
    });
  });
});

test('a condition that is not there is said', () => {
  const broken = { Resources: { Bucket: { Type: 'AWS::S3::Bucket', Condition: 'Typo' } } };
  expect(() => applyConditions(broken, {})).toThrow('no condition Typo');
});
