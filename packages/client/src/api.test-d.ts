import type { AmplifyContext } from 'aws-amplify';
import * as amplify from 'aws-amplify/api';
import { expectTypeOf } from 'expect-type';
import * as ours from './api.ts';
import type { ServiceInput } from './service-call.ts';

// A function that takes a verb and its input, as apps write it around Amplify's verbs.
function callApi<Input, Output>(verb: (input: Input) => Output, input: Input): Output {
  return verb(input);
}

const input = { apiName: 'users', path: '/users' };
declare const context: AmplifyContext;

expectTypeOf(callApi(ours.get, input)).toEqualTypeOf(callApi(amplify.get, input));
expectTypeOf(callApi(ours.post, input)).toEqualTypeOf(callApi(amplify.post, input));
expectTypeOf(callApi(ours.put, input)).toEqualTypeOf(callApi(amplify.put, input));
expectTypeOf(callApi(ours.patch, input)).toEqualTypeOf(callApi(amplify.patch, input));
expectTypeOf(callApi(ours.del, input)).toEqualTypeOf(callApi(amplify.del, input));
expectTypeOf(callApi(ours.head, input)).toEqualTypeOf(callApi(amplify.head, input));

// The input of each verb is Amplify's own, by service name.
type InputOf<Verb extends (...args: never[]) => unknown> = Parameters<Verb>[0];
expectTypeOf<InputOf<typeof ours.get>>().toEqualTypeOf<ServiceInput>();
expectTypeOf<InputOf<typeof ours.post>>().toEqualTypeOf<ServiceInput>();
expectTypeOf<InputOf<typeof ours.put>>().toEqualTypeOf<ServiceInput>();
expectTypeOf<InputOf<typeof ours.patch>>().toEqualTypeOf<ServiceInput>();
expectTypeOf<InputOf<typeof ours.del>>().toEqualTypeOf<ServiceInput>();
expectTypeOf<InputOf<typeof ours.head>>().toEqualTypeOf<ServiceInput<InputOf<typeof amplify.head>>>();

// What Amplify's verbs take, ours take: a wrapper may be typed with either.
expectTypeOf<InputOf<typeof amplify.get>>().toExtend<InputOf<typeof ours.get>>();
expectTypeOf<InputOf<typeof amplify.head>>().toExtend<InputOf<typeof ours.head>>();
expectTypeOf<typeof ours.get>().toExtend<(input: InputOf<typeof amplify.get>) => ReturnType<typeof amplify.get>>();

// A context comes first.
expectTypeOf(ours.get(context, input)).toEqualTypeOf(amplify.get(context, input));
// @ts-expect-error -- as with Amplify
ours.get(input, context);
// @ts-expect-error -- as with Amplify
ours.get(undefined, input);
