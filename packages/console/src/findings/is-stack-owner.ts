/** Whether a CloudFormation stack holds the record: only a registrar writes in the name of one. */
export function isStackOwner(owner: string | null | undefined): boolean {
  return /^arn:[\w-]+:cloudformation:/.test(owner ?? '');
}
