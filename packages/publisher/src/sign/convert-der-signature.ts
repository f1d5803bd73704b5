import { DiscoveryError } from '@amplify-discovery/core';

/**
 * An ECDSA P-256 signature in the form of JWS and WebCrypto, r and s of 32 bytes each, from the ASN.1 DER form that KMS gives:
 * SEQUENCE { INTEGER r, INTEGER s } (RFC 3279, section 2.2.3). DER drops leading zeros and puts one before a high bit.
 *
 * @throws DiscoveryError `SignatureInvalid` when it is not such a signature.
 */
export function convertDerSignature(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64);
  let offset = 2;
  const isSequence = der[0] === 0x30 && der[1] === der.length - 2;
  const fits = [32, 64].map((end) => {
    const length = der[offset + 1] ?? 0;
    let digits = der.subarray(offset + 2, offset + 2 + length);
    const isInteger = der[offset] === 0x02 && length > 0 && digits.length === length;
    offset += 2 + length;
    if (digits[0] === 0) digits = digits.subarray(1);
    if (!isInteger || digits.length > 32) return false;
    raw.set(digits, end - digits.length);
    return true;
  });
  if (!isSequence || !fits.every(Boolean) || offset !== der.length) {
    throw new DiscoveryError('SignatureInvalid', 'KMS did not give a P-256 signature in DER form');
  }
  return raw;
}
