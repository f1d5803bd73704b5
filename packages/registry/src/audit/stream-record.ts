import type { DynamoItem } from './dynamo-item.ts';

/**
 * One change of the table, as Lambda gets it from the table's stream; as far as the log needs it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  /** Who deleted an item that had expired: DynamoDB itself. */
  readonly userIdentity?: { readonly type?: string; readonly principalId?: string } | null | undefined;
  readonly dynamodb?:
    | {
        /** Seconds since the epoch. */
        readonly ApproximateCreationDateTime?: number | undefined;
        /** Rises with each change of an item. */
        readonly SequenceNumber?: string | undefined;
        readonly Keys?: DynamoItem | undefined;
        readonly OldImage?: DynamoItem | undefined;
        readonly NewImage?: DynamoItem | undefined;
      }
    | undefined;
}
