/**
 * What to do about the errors that only those meet who register, publish or operate a registry. Kept apart from
 * what readers meet, so that no browser loads it. The compiler keeps it complete, as it does the readers' table.
 */
export const writerAdvice = {
  RegistryOutdated: 'Deploy the registry again with a newer version of amplify-discovery.',
  RegistrationConflict: 'Deregister the other owner, or register with takeover.',
  ServiceFrozen: 'Ask whoever froze it, or thaw it: discovery thaw.',
  ConcurrentChange: 'Try again: another deployment changed the endpoint.',
  BucketUnavailable: 'Try again; check the name and region of the bucket.',
  BucketDenied: 'Allow it in the role and in the policy of the bucket.',
  SigningKeyUnavailable: 'Try again: KMS did not answer.',
  SigningKeyDenied: 'Allow it in the role and in the policy of the key.',
  SigningKeyUnusable: 'Name an enabled ECC_NIST_P256 key for SIGN_VERIFY.',
  EdgeStoreUnavailable: 'Try again: CloudFront did not answer.',
  EdgeStoreDenied: 'Allow it in the role.',
} as const;

export type WriterErrorCode = keyof typeof writerAdvice;
