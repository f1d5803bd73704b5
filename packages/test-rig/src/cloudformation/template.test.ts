import { expect, test } from '@jest/globals';
import { orderResources } from './template.ts';

const Type = 'AWS::SQS::Queue';

test('orders resources after what they depend on and refer to', () => {
  const Resources = {
    ByDependency: { Type, DependsOn: ['ByRef', 'Plain'] },
    ByRef: { Type, Properties: { a: [{ Ref: 'ByAttribute' }] } },
    ByAttribute: { Type, Properties: { a: { 'Fn::GetAtt': ['BySub', 'Arn'] } } },
    BySub: { Type, Properties: { a: { 'Fn::Sub': 'x ${ByText.Arn} ${AWS::Region}' } } },
    ByText: { Type, DependsOn: 'Plain' },
    Plain: { Type },
  };
  expect(orderResources({ Resources })).toEqual(['Plain', 'ByText', 'BySub', 'ByAttribute', 'ByRef', 'ByDependency']);
});

test('refuses resources that depend on each other', () => {
  const Resources = { One: { Type, DependsOn: 'Two' }, Two: { Type, DependsOn: 'One' } };
  expect(() => orderResources({ Resources })).toThrow('One → Two → One');
});
