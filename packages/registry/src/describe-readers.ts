/** One line for people about who will be able to read a record. */
export function describeReaders(isPublic: boolean): string {
  return isPublic
    ? 'Public: readable with the API key of an open stage, and part of the public snapshot'
    : 'Not public: readable with IAM or a user pool alone';
}
