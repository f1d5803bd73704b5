/** CloudFormation's functions. They are all one idea: a value that is known when the stack is deployed. */
export const ref = (Ref) => ({ Ref });
export const attribute = (resource, name) => ({ 'Fn::GetAtt': [resource, name] });
export const sub = (text, variables) => ({ 'Fn::Sub': variables === undefined ? text : [text, variables] });
/** The value where the condition holds, and otherwise nothing at all: the property or the entry is left out. */
export const onlyIf = (condition, value) => ({ 'Fn::If': [condition, value, ref('AWS::NoValue')] });
export const equals = (one, other) => ({ 'Fn::Equals': [one, other] });
export const not = (condition) => ({ 'Fn::Not': [condition] });
