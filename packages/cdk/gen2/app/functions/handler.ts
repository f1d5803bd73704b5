export async function handler(): Promise<string> {
  return process.env.REGISTRY_URL ?? '';
}
