import { Token, Tokenization } from 'aws-cdk-lib';

/**
 * JSON text as a value within an object that becomes JSON itself: parsed where it is known; where only the deployment knows
 * it, a token that is put in as it is. CDK does that with tokens that stand for numbers, in `Stack.toJsonString` as well as
 * in `JSON.stringify`, which Amplify Gen 2 makes its outputs with. A text token would stand between quotation marks, and
 * nothing would escape those in it.
 */
export function embedJson(text: string): unknown {
  if (!Token.isUnresolved(text)) return JSON.parse(text);
  return Token.asNumber(Tokenization.reverseString(text).firstToken);
}
