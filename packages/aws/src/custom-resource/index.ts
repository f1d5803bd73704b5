export {
  answerEvent,
  type AnswerOptions,
  type CustomResource,
  type LambdaContext,
  type WorkTime,
} from './answer-event.ts';
export type { CloudFormationEvent } from './cloudformation-event.ts';
export type { Outcome } from './make-response.ts';
export { wait } from './wait.ts';
