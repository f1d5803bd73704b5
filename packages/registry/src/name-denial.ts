/** The error code of a refusal of credentials: AWS says of a signature's time alone that it has expired, or is to come. */
export function nameDenial(message: unknown): 'ClockSkewed' | 'RegistryDenied' {
  return /Signature (expired|not yet current)/.test(`${message}`) ? 'ClockSkewed' : 'RegistryDenied';
}
